//! Classes of characters.

/// White space, also the kinds that word processors and chats produce.
pub(super) fn is_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}')
}

/// Ends a lane's label, a comment and an unclosed string.
pub(super) fn is_line_end(c: char) -> bool {
    matches!(c, '\n' | '\r')
}

/// Part of an id, a key or the name of a lane.
pub(super) fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Part of an arrow, or of a similar sign.
pub(super) fn is_arrow(c: char) -> bool {
    matches!(c, '-' | '=' | '<' | '>' | '~' | '–' | '—' | '→' | '⇒' | '⟶' | '➔' | '➜')
}

/// Opens a string.
pub(super) fn is_quote(c: char) -> bool {
    matches!(c, '"' | '“' | '”')
}

/// Does `c` close a string that `opening` opened? Typographic quotes are text in a string with plain quotes.
pub(super) fn closes(opening: char, c: char) -> bool {
    c == '"' || (opening != '"' && is_quote(c))
}

/// The part of `text` from `start` to `end` without the white space around it, as a range.
pub(super) fn trimmed(text: &str, start: usize, end: usize) -> (usize, usize) {
    let inner = text[start..end].trim_end_matches(is_space);
    let shorter = inner.trim_start_matches(is_space);
    (start + inner.len() - shorter.len(), start + inner.len())
}
