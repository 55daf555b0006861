//! Escapes in strings.

/// Resolves escapes: `\"` is a quote and `\\` a backslash. Other backslashes are themselves.
pub(super) fn unescape(inner: &str) -> String {
    let mut said = String::with_capacity(inner.len());
    let mut rest = inner.chars().peekable();
    while let Some(c) = rest.next() {
        let escaped = if c == '\\' { rest.next_if(|&next| matches!(next, '"' | '\\')) } else { None };
        said.push(escaped.unwrap_or(c));
    }
    said
}

/// Escapes a text for plain quotes, with the fewest backslashes.
pub(crate) fn escape(said: &str) -> String {
    let mut inner = String::with_capacity(said.len());
    let mut rest = said.chars().peekable();
    while let Some(c) = rest.next() {
        let needs_backslash = match c {
            '"' => true,
            '\\' => matches!(rest.peek(), None | Some('"' | '\\')),
            _ => false,
        };
        if needs_backslash {
            inner.push('\\');
        }
        inner.push(c);
    }
    inner
}

#[cfg(test)]
mod tests {
    use super::{escape, unescape};

    #[test]
    fn escaped_text_is_unescaped_to_itself() {
        for said in ["", "Yes", r"C:\temp", r"C:\", r#"a "b" c"#, r"\", r#"\\"\\\"#] {
            assert_eq!(unescape(&escape(said)), said);
        }
        assert_eq!(escape(r"C:\temp"), r"C:\temp");
        assert_eq!(unescape(r#"say \"hi\" in C:\\temp\new"#), r#"say "hi" in C:\temp\new"#);
    }
}
