//! The documentation of rules, as Markdown.

use std::io::{self, Write};

use flowgen_codegen::analyze;
use flowgen_codegen::finding::Rule;
use flowgen_codegen::fix::fix;
use flowgen_codegen::render;
use flowgen_codegen::rules::RULES;

/// The beginning of the page of all rules.
const HEAD: &str = "\
# Findings

The findings of `flowgen check`, `flowgen gen` and `flow!`. Errors stop `gen` and `flow!`. Warnings are errors
with `--strict` (`#![strict]`); a warning or a note is an error with `--deny CODE` (`#![deny(CODE)]`), and is
suppressed with `--allow CODE` (`#![allow(CODE)]`). `flowgen check --fix` fixes the findings that the table
marks, unless another part of the drawing prevents it.

`flowgen explain --all --format markdown` prints this page.
";

/// Writes all rules: a table, and a section per rule.
pub(crate) fn page(out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{HEAD}\n| code | name | severity | `--fix` |\n|---|---|---|---|")?;
    for rule in RULES {
        let Rule { code, name, .. } = rule;
        let fix = if has_fix(rule) { "fixes it" } else { "" };
        writeln!(
            out,
            "| [{code}](#{}) | {name} | {} | {fix} |",
            anchor(rule),
            render::severity(rule.severity)
        )?;
    }
    RULES.iter().try_for_each(|rule| {
        writeln!(out)?;
        section(rule, out)
    })
}

/// Writes the section of one rule.
pub(crate) fn section(rule: &Rule, out: &mut impl Write) -> io::Result<()> {
    let Rule { code, name, severity, .. } = rule;
    write!(out, "## {code} {name}\n\n*{}*\n\n{}", render::severity(*severity), body(rule))
}

/// The text of a rule: what it does, why it is bad, an example, and a drawing to use instead.
pub(crate) fn body(Rule { what, why, wrong, right, .. }: &Rule) -> String {
    format!(
        "**What it does.** {what}\n\n**Why is this bad?** {why}\n\n\
         **Example.**\n\n```text\n{wrong}```\n\n**Use instead.**\n\n```text\n{right}```\n"
    )
}

fn has_fix(rule: &Rule) -> bool {
    fix(rule.wrong, |text| analyze(text).findings).applied > 0
}

/// The anchor that Markdown generates for the section's title.
fn anchor(rule: &Rule) -> String {
    format!("{}-{}", rule.code.to_lowercase(), rule.name)
}
