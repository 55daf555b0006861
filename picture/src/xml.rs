//! Text in XML.

/// Escapes a text for use between tags or in quotes.
///
/// Characters that XML does not allow become spaces. Characters that change the text direction are removed,
/// because they would affect other text, too.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => {}
            c if c.is_control() || matches!(c, '\u{FFFE}' | '\u{FFFF}') => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn nothing_is_markup() {
        assert_eq!(escape("<b>&\"'</b>"), "&lt;b&gt;&amp;&quot;'&lt;/b&gt;");
        assert_eq!(escape("a\u{0}b\u{202E}c\u{FFFF}"), "a bc ");
    }
}
