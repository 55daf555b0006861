//! A drawing's words in Rust and Markdown.
//!
//! Labels are any text; none may end a comment, break a link or turn the reading direction.

/// A label as code in Markdown, for a line of documentation.
pub(crate) fn code(label: &str) -> String {
    let plain: String = label
        .chars()
        .map(|c| match c {
            '`' => '\'',
            c if is_unseen(c) => ' ',
            c => c,
        })
        .collect();
    format!("`{}`", plain.trim())
}

/// A text as a string literal of Rust, quotes included.
pub(crate) fn literal(text: &str) -> String {
    format!("{text:?}")
}

/// A fence of backticks that `text` does not contain.
pub(crate) fn fence(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    "`".repeat(longest.max(2) + 1)
}

/// Line breaks of any kind, and the marks that turn the reading direction, which rustc refuses.
fn is_unseen(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_stay_in_their_place() {
        assert_eq!(code("a`b\r\nc\u{202E}"), "`a'b  c`");
        assert_eq!(literal("say \"no\" \u{202E}"), "\"say \\\"no\\\" \\u{202e}\"");
    }

    #[test]
    fn a_fence_is_longer_than_what_it_holds() {
        assert_eq!(fence("no"), "```");
        assert_eq!(fence("a ```` b"), "`````");
    }
}
