//! The report as text for a terminal.

use std::fmt;

use super::{Report, Section, sections};

pub(super) fn write(report: &Report, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    writeln!(f, "{}: {} — {}", report.plan.draft().name, report.verdict.word(), report.verdict)?;
    if let Some(notice) = report.notice() {
        writeln!(f, "Note: {notice}")?;
    }
    sections::of(report).iter().try_for_each(|section| write_section(section, f))
}

fn write_section(section: &Section, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    writeln!(f, "\n{}", section.title)?;
    let has_head = section.head.iter().any(|name| !name.is_empty());
    let head: Vec<String> = section.head.iter().map(|&name| name.to_owned()).collect();
    let lines: Vec<&Vec<String>> = has_head.then_some(&head).into_iter().chain(&section.rows).collect();
    let widths: Vec<usize> = (0..section.head.len())
        .map(|column| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or_default())
        .collect();
    for line in lines {
        let cells = line.iter().zip(&widths).map(|(cell, &width)| format!("{cell:width$}"));
        writeln!(f, "  {}", cells.collect::<Vec<_>>().join("  ").trim_end())?;
    }
    writeln!(f, "  ({})", section.note)
}
