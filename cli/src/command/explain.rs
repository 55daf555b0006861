//! `flowgen explain`

use std::io::{self, Write};

use annotate_snippets::renderer::{
    DEFAULT_EMPHASIS_STYLE, DEFAULT_ERROR_STYLE, DEFAULT_NOTE_STYLE, DEFAULT_WARNING_STYLE,
};
use flowgen_codegen::finding::{Rule, Severity};
use flowgen_codegen::render;
use flowgen_codegen::rules::{self, RULES};

use crate::args::{self, ExplanationFormat};
use crate::exit::ExitStatus;
use crate::failure::Failure;
use crate::markdown;
use crate::nearest::nearest;
use crate::write::stream;

pub(crate) fn run(args: &args::Explain) -> Result<ExitStatus, Failure> {
    let mut out = stream::stdout();
    let rule = args.code.as_deref().map(find).transpose()?;
    match (rule, args.format) {
        (Some(rule), ExplanationFormat::Human) => explain(rule, &mut out)?,
        (None, ExplanationFormat::Human) => explain_all(&mut out)?,
        (Some(rule), ExplanationFormat::Markdown) => markdown::section(rule, &mut out)?,
        (None, ExplanationFormat::Markdown) => markdown::page(&mut out)?,
    }
    out.flush()?;
    Ok(ExitStatus::Pass)
}

fn find(code: &str) -> Result<&'static Rule, Failure> {
    let by_name = || RULES.iter().copied().find(|rule| rule.name.eq_ignore_ascii_case(code));
    rules::rule(code).or_else(by_name).ok_or_else(|| Failure::UnknownRule {
        code: code.to_owned(),
        nearest: nearest(code, RULES.iter().flat_map(|rule| [rule.code, rule.name])),
    })
}

fn explain_all(out: &mut impl Write) -> io::Result<()> {
    for (at, rule) in RULES.iter().enumerate() {
        if at > 0 {
            writeln!(out, "\n")?;
        }
        explain(rule, out)?;
    }
    Ok(())
}

fn explain(rule: &Rule, out: &mut impl Write) -> io::Result<()> {
    let style = match rule.severity {
        Severity::Error => DEFAULT_ERROR_STYLE,
        Severity::Warning => DEFAULT_WARNING_STYLE,
        Severity::Note => DEFAULT_NOTE_STYLE,
    };
    let severity = render::severity(rule.severity);
    writeln!(out, "{style}{} {}{style:#} ({severity})", rule.code, rule.name)?;
    section(out, "What it does", rule.what)?;
    section(out, "Why is this bad?", rule.why)?;
    section(out, "Example", &indented(rule.wrong))?;
    section(out, "Use instead", &indented(rule.right))
}

fn section(out: &mut impl Write, title: &str, body: &str) -> io::Result<()> {
    let style = DEFAULT_EMPHASIS_STYLE;
    writeln!(out, "\n{style}{title}{style:#}\n\n{}", body.trim_end())
}

fn indented(drawing: &str) -> String {
    drawing.trim_matches('\n').lines().flat_map(|line| ["    ", line, "\n"]).collect()
}
