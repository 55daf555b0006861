//! Findings as plain text, for compile errors and build scripts.

use std::fmt::Write as _;

use crate::finding::{Finding, Severity};
use crate::source::{Lines, Position, SourceFiles, Span};

/// The message and the help, without the location: for errors that rustc itself underlines.
#[must_use]
pub fn message(finding: &Finding) -> String {
    let mut text = format!("{} [{}]", finding.message, finding.rule.code);
    for node in &finding.path {
        let _ = write!(text, "\n  → {} ({})", node.label, node.id);
    }
    if !finding.other_path.is_empty() {
        text.push_str("\nin another branch:");
    }
    for node in &finding.other_path {
        let _ = write!(text, "\n  → {} ({})", node.label, node.id);
    }
    if let Some(help) = &finding.help {
        let _ = write!(text, "\nhelp: {help}");
    }
    text
}

/// As [`message`], with the location as `name:line:column` and the source line under it.
#[must_use]
pub fn located(finding: &Finding, files: &SourceFiles<'_>) -> String {
    let mut text = message(finding);
    let located = |span: Span| {
        let (file, span) = files.locate(span);
        located_span(span, file.name, &file.lines)
    };
    let _ = write!(text, "\n{}", located(finding.span));
    for related in &finding.related {
        let _ = write!(text, "\n{}\n{}", related.text, located(related.span));
    }
    text
}

/// The name of a severity.
#[must_use]
pub fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Note => "note",
        Severity::Warning => "warning",
        Severity::Error => "error",
    }
}

/// How many characters of a line are shown on each side of a span. A drawing may be one line with thousands
/// of findings.
const MAX_CONTEXT: usize = 160;

fn located_span(span: Span, name: &str, lines: &Lines<'_>) -> String {
    let Position { line, column } = lines.position(span.start);
    let end = lines.position(span.end);
    let source = lines.line(line);
    let last = if end.line == line { end.column } else { usize::MAX };
    let shown = Excerpt::new(source, lines.byte_in_line(span.start), last.saturating_sub(column).max(1));
    let number = line.to_string();
    let gutter = " ".repeat(number.len());
    format!(
        "{gutter}--> {name}:{line}:{column}\n{gutter} |\n{number} | {}\n{gutter} | {}{}",
        shown.source,
        " ".repeat(shown.indent),
        "^".repeat(shown.carets)
    )
}

/// A piece of a line, and the part of it to underline.
struct Excerpt {
    source: String,
    indent: usize,
    carets: usize,
}

impl Excerpt {
    /// The characters around the byte `at`. `length` of them are underlined.
    fn new(line: &str, at: usize, length: usize) -> Self {
        let (before, rest) = line.split_at(at.min(line.len()));
        let start = before.char_indices().rev().nth(MAX_CONTEXT - 1).map_or(0, |(start, _)| start);
        let mut behind = rest.char_indices().map(|(end, _)| end).chain([rest.len()]);
        let end = behind.nth(length.min(MAX_CONTEXT) + MAX_CONTEXT).unwrap_or(rest.len());
        let before = &before[start..];
        Self {
            source: format!("{before}{}", &rest[..end]).replace('\t', " "),
            indent: before.chars().count(),
            carets: length.min(rest[..end].chars().count()).max(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, start: usize, end: usize) -> String {
        located_span(Span::new(start, end), "a.fz", &Lines::new(text))
    }

    #[test]
    fn a_span_is_underlined() {
        assert_eq!(shown("one\n\ttwo\r\n", 5, 8), " --> a.fz:2:2\n  |\n2 |  two\n  |  ^^^");
        assert_eq!(shown("one\ntwo", 1, 5), " --> a.fz:1:2\n  |\n1 | one\n  |  ^^");
        assert_eq!(shown("one", 3, 3), " --> a.fz:1:4\n  |\n1 | one\n  |    ^");
    }

    #[test]
    fn of_a_long_line_a_piece_is_shown() {
        let line = "é".repeat(100_000);
        let at = 100_000;
        let text = shown(&line, at, at + 4);
        assert!(text.starts_with(" --> a.fz:1:50001\n"), "{text}");
        assert_eq!(text.matches('é').count(), 2 * MAX_CONTEXT + 2);
        assert!(text.ends_with(&format!("| {}^^", " ".repeat(MAX_CONTEXT))), "{text}");
    }
}
