//! Findings as workflow commands, which GitHub shows beside the lines of a pull request.

use std::fmt::{self, Write as _};
use std::io::{self, Write};

use flowgen_codegen::finding::{Finding, Severity};
use flowgen_codegen::render;

use super::Report;

pub(super) fn write(reports: &[Report<'_>], out: &mut impl Write) -> io::Result<()> {
    for report in reports {
        for finding in report.findings {
            writeln!(out, "{}", Command { report, finding })?;
        }
    }
    Ok(())
}

struct Command<'a> {
    report: &'a Report<'a>,
    finding: &'a Finding,
}

impl fmt::Display for Command<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { report, finding } = self;
        let (file, span) = report.files.locate(finding.span);
        let (start, end) = (file.lines.position(span.start), file.lines.position(span.end));
        write!(f, "::{} file={}", command(finding.severity()), Property(file.name))?;
        write!(f, ",line={}", start.line)?;
        // GitHub accepts columns only for a span within one line.
        if start.line == end.line {
            write!(f, ",col={},endLine={},endColumn={}", start.column, end.line, end.column)?;
        } else {
            write!(f, ",endLine={}", end.line)?;
        }
        write!(f, ",title={}::{}", finding.rule.code, Text(&render::message(finding)))
    }
}

fn command(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    }
}

/// The text after `::`.
struct Text<'a>(&'a str);

/// The value after `name=`.
struct Property<'a>(&'a str);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        escape(self.0, &['%', '\r', '\n'], f)
    }
}

impl fmt::Display for Property<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        escape(self.0, &['%', '\r', '\n', ':', ','], f)
    }
}

fn escape(text: &str, special: &[char], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    text.chars().try_for_each(|char| {
        if special.contains(&char) { write!(f, "%{:02X}", u32::from(char)) } else { f.write_char(char) }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_that_end_a_command_are_escaped() {
        assert_eq!(Text("50%: a, b\r\n").to_string(), "50%25: a, b%0D%0A");
        assert_eq!(Property("C:\\50%,\n").to_string(), "C%3A\\50%25%2C%0A");
    }
}
