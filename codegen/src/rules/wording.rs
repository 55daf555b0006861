//! How findings speak of what stands in a drawing.

use crate::model::Node;

const LONGEST: usize = 40;

/// `text` in backticks: on one line, nothing in it that a terminal would obey, and not too long.
pub(crate) fn quoted(text: &str) -> String {
    let mut shown = String::from("`");
    for (count, c) in text.chars().enumerate() {
        if count == LONGEST {
            shown.push('…');
            break;
        }
        if c.is_control() { shown.extend(c.escape_default()) } else { shown.push(c) }
    }
    shown.push('`');
    shown
}

/// A node as findings speak of it: its label and its id.
pub(crate) fn named(node: &Node) -> String {
    let id = quoted(&node.id.text);
    if node.label.text == node.id.text {
        id
    } else {
        format!("{} ({})", quoted(node.label.text.trim()), node.id.text)
    }
}

/// The candidate that `word` was most likely meant to be: the one from which the fewest letters
/// differ, whatever their case, if that are few for a word of its length.
pub(crate) fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word: Vec<char> = word.chars().take(LONGEST + 1).flat_map(char::to_lowercase).collect();
    if word.len() > LONGEST {
        return None;
    }
    candidates
        .into_iter()
        .map(|candidate| (distance(&word, candidate), candidate))
        .filter(|&(distance, _)| distance * 3 <= word.len().max(3))
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, candidate)| candidate)
}

/// Was `word` meant to be `meant`, with no more than `most` letters that differ, whatever their case?
pub(crate) fn is_slip(word: &str, meant: &str, most: usize) -> bool {
    let word: Vec<char> = word.chars().take(LONGEST + 1).flat_map(char::to_lowercase).collect();
    distance(&word, meant) <= most
}

/// How many letters have to be put in, taken out or replaced to get from one to the other.
fn distance(word: &[char], candidate: &str) -> usize {
    let mut row: Vec<usize> = (0..=word.len()).collect();
    for (i, c) in candidate.chars().flat_map(char::to_lowercase).enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, &w) in word.iter().enumerate() {
            let replaced = diagonal + usize::from(w != c);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[word.len()]
}

#[cfg(test)]
mod tests {
    use super::{nearest, quoted};

    #[test]
    fn the_nearest_word_differs_in_few_letters() {
        let shapes = ["circle", "rectangle", "diamond", "taskbox"];
        for (word, near) in [("cirle", "circle"), ("Rectangel", "rectangle"), ("task_box", "taskbox")] {
            assert_eq!(nearest(word, shapes), Some(near));
        }
        assert_eq!(nearest("hexagon", shapes), None);
        assert_eq!(nearest(&"circle".repeat(100_000), shapes), None);
    }

    #[test]
    fn quoted_text_is_short_and_harmless() {
        assert_eq!(quoted("n1"), "`n1`");
        assert_eq!(quoted("\u{1b}[31m"), "`\\u{1b}[31m`");
        assert_eq!(quoted(&"x".repeat(99)).chars().count(), 43);
    }
}
