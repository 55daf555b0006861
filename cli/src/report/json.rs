//! Findings for programs, as JSON.
//!
//! The format is stable: members may be added, but no member is renamed, removed or given another type.

use std::io::{self, Write};

use flowgen_codegen::finding::{self, Finding, Severity};
use flowgen_codegen::source::{SourceFiles, Span};
use serde::Serialize;

use super::Report;
use super::counts::Counts;

/// The format, for the help of the command.
pub(crate) const HELP: &str = "\
With `--format json`, an object for each drawing, one a line:
  file       the path as given, `<stdin>` for the standard input
  findings   in the order of the drawing, each with
    code, name, severity   `F205`, `dead-end`, and `error`, `warning` or `note`; a denied
                           finding is an `error`
    message, help          text; `help` can be null
    span                   the reported part of the drawing
    related                other parts of the drawing: [{span, text}]
    path                   the shortest path that proves it: [{id, label, span}]
    other_path             the path of another branch, if two branches prove it together
    edits                  a mechanical fix, to be applied as a whole: [{span, with}]
  counts     {errors, warnings, notes}
A span has `start` and `end` (bytes from 0), `line`, `column`, `end_line` and `end_column` (from 1,
columns in characters); the end is not part of it. A span in the declaration of a drawing's data has
the path of that file as `file`.";

#[derive(Serialize)]
struct Drawing<'a> {
    file: &'a str,
    findings: Vec<Entry<'a>>,
    counts: Counts,
}

#[derive(Serialize)]
struct Entry<'a> {
    code: &'a str,
    name: &'a str,
    severity: &'a str,
    message: &'a str,
    help: Option<&'a str>,
    span: Place<'a>,
    related: Vec<Related<'a>>,
    path: Vec<Stop<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    other_path: Vec<Stop<'a>>,
    edits: Vec<Edit<'a>>,
}

#[derive(Serialize)]
struct Place<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    start: usize,
    end: usize,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
}

#[derive(Serialize)]
struct Related<'a> {
    span: Place<'a>,
    text: &'a str,
}

#[derive(Serialize)]
struct Stop<'a> {
    id: &'a str,
    label: &'a str,
    span: Place<'a>,
}

#[derive(Serialize)]
struct Edit<'a> {
    span: Place<'a>,
    with: &'a str,
}

pub(super) fn write(reports: &[Report<'_>], out: &mut impl Write) -> io::Result<()> {
    for report in reports {
        serde_json::to_writer(&mut *out, &drawing(report))?;
        writeln!(out)?;
    }
    Ok(())
}

fn drawing<'a>(report: &'a Report<'a>) -> Drawing<'a> {
    Drawing {
        file: report.files.drawing().name,
        findings: report.findings.iter().map(|finding| entry(finding, &report.files)).collect(),
        counts: Counts::of(report.findings),
    }
}

fn entry<'a>(finding: &'a Finding, files: &'a SourceFiles<'a>) -> Entry<'a> {
    let place = |span| place(span, files);
    let stop =
        |stop: &'a finding::PathNode| Stop { id: &stop.id, label: &stop.label, span: place(stop.span) };
    Entry {
        code: finding.rule.code,
        name: finding.rule.name,
        severity: severity(finding.severity()),
        message: &finding.message,
        help: finding.help.as_deref(),
        span: place(finding.span),
        related: finding.related.iter().map(|it| Related { span: place(it.span), text: &it.text }).collect(),
        path: finding.path.iter().map(stop).collect(),
        other_path: finding.other_path.iter().map(stop).collect(),
        edits: finding.edits.iter().map(|edit| Edit { span: place(edit.span), with: &edit.with }).collect(),
    }
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

fn place<'a>(span: Span, files: &'a SourceFiles<'a>) -> Place<'a> {
    let (file, span) = files.locate(span);
    let (start, end) = (file.lines.position(span.start), file.lines.position(span.end));
    Place {
        file: (!std::ptr::eq(file, files.drawing())).then_some(file.name),
        start: span.start,
        end: span.end,
        line: start.line,
        column: start.column,
        end_line: end.line,
        end_column: end.column,
    }
}
