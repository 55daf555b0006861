//! Finds the end of a lane's label.
//!
//! Invariant: whether it ends at a position depends only on the line up to there and on the item that begins
//! there. So a label that was cut off once is never cut off further.

use super::Shape;
use super::characters::{is_line_end, is_quote, is_space, is_word};

/// The length of the label that `text` begins with: up to the end of the line, a comment, a `}`
/// that the label did not open, or an item on the same line.
pub(super) fn length(text: &str) -> usize {
    let line = &text[..text.find(is_line_end).unwrap_or(text.len())];
    let mut open = 0_usize;
    let mut before = ' ';
    for (at, c) in line.char_indices() {
        let ends = match c {
            '}' => open == 0,
            '/' => is_space(before) && line[at..].starts_with("//"),
            _ => is_word(c) && !is_word(before) && begins_item(&line[at..]),
        };
        if ends {
            return at;
        }
        match c {
            '{' => open += 1,
            '}' => open -= 1,
            _ => {}
        }
        before = c;
    }
    line.len()
}

/// Is this plainly an item and no prose? Looks at a few words only.
fn begins_item(text: &str) -> bool {
    let (name, rest) = word(text);
    match rest.chars().next() {
        Some(':') => begins_node(&rest[1..]),
        Some('.') => begins_handle(&rest[1..]),
        Some('[') => name == "loop",
        _ => false,
    }
}

/// `circle label:"`
fn begins_node(text: &str) -> bool {
    let (shape, rest) = word(text);
    let (key, rest) = word(rest);
    let value = rest.strip_prefix([':', '=']);
    Shape::named(shape).is_some()
        && !key.is_empty()
        && value.is_some_and(|value| value.trim_start_matches(is_space).starts_with(is_quote))
}

/// `handle(` or `n1.handle(`
fn begins_handle(text: &str) -> bool {
    let (name, rest) = word(text);
    match rest.strip_prefix('.') {
        Some(rest) => {
            let (name, rest) = word(rest);
            name == "handle" && rest.starts_with('(')
        }
        None => name == "handle" && rest.starts_with('('),
    }
}

/// The word that `text` begins with, and the text after it, both without leading white space.
fn word(text: &str) -> (&str, &str) {
    let text = text.trim_start_matches(is_space);
    let (word, rest) = text.split_at(text.find(|c| !is_word(c)).unwrap_or(text.len()));
    (word, rest.trim_start_matches(is_space))
}

#[cfg(test)]
mod tests {
    use super::length;

    fn label(text: &str) -> &str {
        &text[..length(text)]
    }

    #[test]
    fn a_label_is_the_rest_of_the_line() {
        for line in ["Order Service", "R&D | $5 – 7", "Team: circle", "see n1.handle", "https://a.b", "{x} a"]
        {
            assert_eq!(label(&format!("{line}\r\nn1: circle")), line);
        }
    }

    #[test]
    fn a_label_ends_where_something_else_begins() {
        assert_eq!(label("Shop n1: circle label:\"Start\""), "Shop ");
        assert_eq!(label("Shop A.n1 . handle (left) -> n2"), "Shop ");
        assert_eq!(label("Shop n1.handle(left) -> n2"), "Shop ");
        assert_eq!(label("Shop loop [twice] n1"), "Shop ");
        assert_eq!(label("Shop // the front"), "Shop ");
        assert_eq!(label("Shop }"), "Shop ");
    }
}
