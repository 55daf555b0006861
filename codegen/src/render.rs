//! A finding as plain text, for places that have no terminal: compile errors and build scripts.

use std::fmt::Write as _;

use crate::finding::{Finding, Severity};
use crate::source::{Lines, Position, Span};

/// What is wrong and what to do, without the place: for errors that rustc itself underlines.
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

/// The same with the place, as `name:line:column`, and the source line under it.
#[must_use]
pub fn located(finding: &Finding, name: &str, lines: &Lines<'_>) -> String {
    let mut text = message(finding);
    let _ = write!(text, "\n{}", place(finding.span, name, lines));
    for related in &finding.related {
        let _ = write!(text, "\n{}\n{}", related.text, place(related.span, name, lines));
    }
    text
}

/// How a severity is called.
#[must_use]
pub fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Note => "note",
        Severity::Warning => "warning",
        Severity::Error => "error",
    }
}

/// No more of a line than this many characters is shown on each side of a place: a drawing may stand
/// in one line, and have thousands of findings there.
const WIDE: usize = 160;

fn place(span: Span, name: &str, lines: &Lines<'_>) -> String {
    let Position { line, column } = lines.position(span.start);
    let end = lines.position(span.end);
    let source = lines.line(line);
    let last = if end.line == line { end.column } else { usize::MAX };
    let shown = Shown::of(source, lines.byte_in_line(span.start), last.saturating_sub(column).max(1));
    let number = line.to_string();
    let gutter = " ".repeat(number.len());
    format!(
        "{gutter}--> {name}:{line}:{column}\n{gutter} |\n{number} | {}\n{gutter} | {}{}",
        shown.source,
        " ".repeat(shown.indent),
        "^".repeat(shown.carets)
    )
}

/// A piece of a line, and what to underline in it.
struct Shown {
    source: String,
    indent: usize,
    carets: usize,
}

impl Shown {
    /// The characters around the byte `at`, from which on `length` characters are meant.
    fn of(line: &str, at: usize, length: usize) -> Self {
        let (before, rest) = line.split_at(at.min(line.len()));
        let start = before.char_indices().rev().nth(WIDE - 1).map_or(0, |(start, _)| start);
        let mut behind = rest.char_indices().map(|(end, _)| end).chain([rest.len()]);
        let end = behind.nth(length.min(WIDE) + WIDE).unwrap_or(rest.len());
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
        place(Span::new(start, end), "a.fz", &Lines::new(text))
    }

    #[test]
    fn a_place_is_underlined() {
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
        assert_eq!(text.matches('é').count(), 2 * WIDE + 2);
        assert!(text.ends_with(&format!("| {}^^", " ".repeat(WIDE))), "{text}");
    }
}
