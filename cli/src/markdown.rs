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

What `flowgen check`, `flowgen gen` and `flow!` can say about a drawing. Errors stop `gen` and `flow!`;
warnings do under `--strict` (`#![strict]`), and whatever is denied does: `--deny CODE` (`#![deny(CODE)]`).
What is no error can be left out: `--allow CODE` (`#![allow(CODE)]`). `flowgen check --fix` mends what is
said to be mended here where nothing else in the drawing stands against it.

This page is what `flowgen explain --all --format markdown` prints.
";

/// Writes all rules: a table, and a section per rule.
pub(crate) fn page(out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{HEAD}\n| code | name | severity | `--fix` |\n|---|---|---|---|")?;
    for rule in RULES {
        let Rule { code, name, .. } = rule;
        let mends = if mends(rule) { "mends it" } else { "" };
        writeln!(
            out,
            "| [{code}](#{}) | {name} | {} | {mends} |",
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
    write!(out, "## {code} {name}\n\n*{}.* {}", render::severity(*severity), body(rule))
}

/// Writes the meaning of a rule, its rationale, and its two drawings.
pub(crate) fn body(Rule { what, why, wrong, right, .. }: &Rule) -> String {
    format!(
        "{what}\n\n**Why it matters.** {why}\n\n\
         A drawing that has it:\n\n```text\n{wrong}```\n\nThe same, mended:\n\n```text\n{right}```\n"
    )
}

fn mends(rule: &Rule) -> bool {
    fix(rule.wrong, |text| analyze(text).findings).applied > 0
}

/// The anchor that Markdown generates for the section's title.
fn anchor(rule: &Rule) -> String {
    format!("{}-{}", rule.code.to_lowercase(), rule.name)
}
