//! A finding as plain text, for places that have no terminal: compile errors and build scripts.

use std::fmt::Write as _;

use crate::finding::{Finding, Severity};
use crate::source::{Lines, Position, Span};

/// What is wrong and what to do, without the place: for errors that rustc itself underlines.
#[must_use]
pub fn message(finding: &Finding) -> String {
    let mut text = format!("{} [{}]", finding.message, finding.rule.code);
    for stop in &finding.walk {
        let _ = write!(text, "\n  → {} ({})", stop.label, stop.id);
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

fn place(span: Span, name: &str, lines: &Lines<'_>) -> String {
    let Position { line, column } = lines.position(span.start);
    let source = lines.line(line).replace('\t', " ");
    let end = lines.position(span.end);
    let last = if end.line == line { end.column } else { source.chars().count() + 1 };
    let carets = "^".repeat(last.saturating_sub(column).max(1));
    let number = line.to_string();
    let gutter = " ".repeat(number.len());
    let indent = " ".repeat(column - 1);
    format!(
        "{gutter}--> {name}:{line}:{column}\n{gutter} |\n{number} | {source}\n{gutter} | {indent}{carets}"
    )
}
