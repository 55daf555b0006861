//! Text from a drawing in Rust and Markdown.
//!
//! Labels may contain any text. The functions keep it from ending a comment, breaking a link or changing the text
//! direction.

/// Returns a label as a Markdown code span, for a line of documentation.
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

/// Returns a text as a Rust string literal, including quotes.
pub(crate) fn literal(text: &str) -> String {
    format!("{text:?}")
}

/// Returns a fence of backticks that `text` does not contain.
pub(crate) fn fence(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    "`".repeat(longest.max(2) + 1)
}

/// Returns whether this is a line break of any kind, or a character that changes the text direction, which rustc
/// rejects.
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
    fn a_fence_is_longer_than_any_fence_in_its_text() {
        assert_eq!(fence("no"), "```");
        assert_eq!(fence("a ```` b"), "`````");
    }
}
