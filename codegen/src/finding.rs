//! What flowgen has to say about a drawing.

use crate::source::Span;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing; nothing to mend.
    Note,
    /// Probably not what was meant; stops only where it is denied.
    Warning,
    /// Wrong; no code is to be trusted until it is mended.
    Error,
}

/// A kind of finding: its code and everything `flowgen explain` says about it.
///
/// One rule is one file under `rules/`. Every field is required, so a rule without its texts or
/// its two drawings does not compile.
#[derive(Debug)]
pub struct Rule {
    /// The stable code: `F205`.
    pub code: &'static str,
    /// The name, in kebab case: `dead-end`.
    pub name: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What it means: one or more sentences.
    pub what: &'static str,
    /// Why it matters: what goes wrong in a run, or in the code.
    pub why: &'static str,
    /// A drawing that has this finding (and no finding of another rule, unless it follows from it).
    pub wrong: &'static str,
    /// The same drawing, mended: no findings at all.
    pub right: &'static str,
}

/// A step of a walk: one node, by its place in the drawing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    /// The id of the node: `n7`.
    pub id: String,
    /// The label of the node.
    pub label: String,
    /// Where the node is declared.
    pub span: Span,
}

/// Another place in the drawing that helps to understand a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Related {
    /// The place.
    pub span: Span,
    /// What is to be seen there.
    pub text: String,
}

/// A piece of a mechanical mending: put `with` where `span` is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced; empty where text is inserted.
    pub span: Span,
    /// What stands there afterwards. A line break in it takes the line end of the text and the indentation of its line.
    pub with: String,
}

/// One thing that is wrong, or worth knowing, in one place of the drawing.
#[derive(Clone, Debug)]
pub struct Finding {
    /// Which rule speaks.
    pub rule: &'static Rule,
    /// Where; always on the user's own token.
    pub span: Span,
    /// What is wrong, in the drawing's words. No full stop at the end, no newline.
    pub message: String,
    /// What to do about it. No full stop at the end.
    pub help: Option<String>,
    /// Other places.
    pub related: Vec<Related>,
    /// The shortest walk that shows it, for findings about paths.
    pub walk: Vec<Stop>,
    /// The walk of another branch, for findings that two branches show together.
    pub other_walk: Vec<Stop>,
    /// The mending, where it is mechanical: all of these, or none. No two share a place.
    pub edits: Vec<Edit>,
    /// That of the rule, unless the user has said otherwise.
    severity: Severity,
}

impl Finding {
    /// A finding of `rule` at `span`.
    #[must_use]
    pub fn new(rule: &'static Rule, span: Span, message: impl Into<String>) -> Self {
        let message = message.into();
        Self {
            rule,
            span,
            message,
            help: None,
            related: Vec::new(),
            walk: Vec::new(),
            other_walk: Vec::new(),
            edits: Vec::new(),
            severity: rule.severity,
        }
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Points at another place.
    #[must_use]
    pub fn related(mut self, span: Span, text: impl Into<String>) -> Self {
        self.related.push(Related { span, text: text.into() });
        self
    }

    /// Shows the walk that proves it.
    #[must_use]
    pub fn walk(mut self, walk: Vec<Stop>) -> Self {
        self.walk = walk;
        self
    }

    /// Shows the walk of another branch beside the first one.
    #[must_use]
    pub fn other_walk(mut self, walk: Vec<Stop>) -> Self {
        self.other_walk = walk;
        self
    }

    /// Adds to the mechanical mending.
    #[must_use]
    pub fn edit(mut self, span: Span, with: impl Into<String>) -> Self {
        self.edits.push(Edit { span, with: with.into() });
        self
    }

    /// How bad it is.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.severity
    }

    /// Makes an error of it.
    pub(crate) fn deny(&mut self) {
        self.severity = Severity::Error;
    }
}

/// Collects findings, so that one fault does not hide the next.
#[derive(Debug, Default)]
pub struct Sink {
    findings: Vec<Finding>,
}

impl Sink {
    /// Takes a finding.
    pub fn push(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    /// Everything that was found, in the order of the drawing; the worse first where two share a place.
    #[must_use]
    pub fn into_sorted(mut self) -> Vec<Finding> {
        self.findings.sort_by(|a, b| {
            (a.span.start, b.severity(), a.rule.code).cmp(&(b.span.start, a.severity(), b.rule.code))
        });
        self.findings
    }
}
