//! Splits Rust into code, comments and literals.

/// A part of a source file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Code,
    /// From `//` to the end of the line.
    Comment,
    /// A string, a raw string `r#"…"#`, or the character `"`.
    Literal,
}

/// The parts of a file, in order. Together they are the file.
pub(super) fn parts(text: &str) -> Vec<(Part, &str)> {
    let mut parts = Vec::new();
    let mut code = 0;
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        let (part, length) = if rest.starts_with("//") {
            (Part::Comment, rest.find('\n').unwrap_or(rest.len()))
        } else if let Some(raw) = rest.strip_prefix("r#\"") {
            (Part::Literal, raw.find("\"#").map_or(rest.len(), |end| end + 5))
        } else if rest.starts_with("'\"'") || rest.starts_with("b'\"'") {
            (Part::Literal, rest.find('"').map_or(rest.len(), |quote| quote + 2))
        } else if c == '"' {
            let mut is_escaped = false;
            let end = rest[1..].find(|c| {
                let is_end = c == '"' && !is_escaped;
                is_escaped = c == '\\' && !is_escaped;
                is_end
            });
            (Part::Literal, end.map_or(rest.len(), |end| end + 2))
        } else {
            at += c.len_utf8();
            continue;
        };
        parts.extend((code < at).then(|| (Part::Code, &text[code..at])));
        parts.push((part, &rest[..length]));
        at += length;
        code = at;
    }
    parts.extend((code < at).then(|| (Part::Code, &text[code..at])));
    parts
}

/// All parts of one kind, as one text.
pub(super) fn all(wanted: Part, text: &str) -> String {
    let parts = parts(text).into_iter().filter(|&(part, _)| part == wanted);
    parts.flat_map(|(_, text)| [text, if wanted == Part::Code { "" } else { "\n" }]).collect()
}

#[test]
fn splits_code_comments_and_literals() {
    let text = "let a = \"// \\\" b\"; // c \"\nlet d = '\"'; r#\"e\"f\"#\n";
    assert_eq!(all(Part::Code, text), "let a = ; \nlet d = ; \n");
    assert_eq!(all(Part::Comment, text), "// c \"\n");
    assert_eq!(all(Part::Literal, text), "\"// \\\" b\"\n'\"'\nr#\"e\"f\"#\n");
    assert_eq!(parts(text).into_iter().map(|(_, text)| text).collect::<String>(), text);
}
