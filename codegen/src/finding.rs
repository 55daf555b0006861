//! Findings: the diagnostics about a drawing.

use crate::source::Span;

/// The severity of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing. There is nothing to fix.
    Note,
    /// Probably a mistake. Is an error if it is denied.
    Warning,
    /// Wrong. No code is generated until it is fixed.
    Error,
}

/// A kind of finding: its code, and the texts that `flowgen explain` prints.
///
/// One rule is one file under `rules/`. All fields are required, so a rule without a text or a drawing does
/// not compile.
#[derive(Debug)]
pub struct Rule {
    /// The stable code: `F205`.
    pub code: &'static str,
    /// The name, in kebab case: `dead-end`.
    pub name: &'static str,
    /// The default severity.
    pub severity: Severity,
    /// What it does: one or more sentences.
    pub what: &'static str,
    /// Why it is bad: the consequence for a run, or for the code.
    pub why: &'static str,
    /// A drawing that has this finding (and no finding of another rule, unless it follows from it).
    pub wrong: &'static str,
    /// The same drawing, fixed, without findings.
    pub right: &'static str,
}

/// A node on the path of a counterexample.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathNode {
    /// The id of the node: `n7`.
    pub id: String,
    /// The label of the node.
    pub label: String,
    /// The id in the node's declaration.
    pub span: Span,
}

/// Another part of the drawing that helps to understand a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Related {
    /// The part.
    pub span: Span,
    /// What it shows.
    pub text: String,
}

/// An edit of a fix: replaces `span` by `with`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The text that is replaced; empty for an insertion.
    pub span: Span,
    /// The new text. A line break in it becomes the line end that the text uses, and the indentation of the
    /// line.
    pub with: String,
}

/// An error, a warning or a note about a part of a drawing.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule.
    pub rule: &'static Rule,
    /// The part of the drawing; always a token that the user wrote.
    pub span: Span,
    /// The problem, in the drawing's words. Without a full stop and without line breaks.
    pub message: String,
    /// How to fix it. Without a full stop.
    pub help: Option<String>,
    /// Other parts of the drawing.
    pub related: Vec<Related>,
    /// The counterexample, for findings about paths: the shortest path that proves it.
    pub path: Vec<PathNode>,
    /// The path of another branch, for findings that two branches prove together.
    pub other_path: Vec<PathNode>,
    /// The fix, if it is mechanical: all of these edits, or none. No two overlap.
    pub edits: Vec<Edit>,
    /// That of the rule, unless the user has denied it.
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
            path: Vec::new(),
            other_path: Vec::new(),
            edits: Vec::new(),
            severity: rule.severity,
        }
    }

    /// Sets the help.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds another part of the drawing.
    #[must_use]
    pub fn related(mut self, span: Span, text: impl Into<String>) -> Self {
        self.related.push(Related { span, text: text.into() });
        self
    }

    /// Sets the counterexample.
    #[must_use]
    pub fn path(mut self, path: Vec<PathNode>) -> Self {
        self.path = path;
        self
    }

    /// Sets the path of another branch.
    #[must_use]
    pub fn other_path(mut self, path: Vec<PathNode>) -> Self {
        self.other_path = path;
        self
    }

    /// Adds an edit to the fix.
    #[must_use]
    pub fn edit(mut self, span: Span, with: impl Into<String>) -> Self {
        self.edits.push(Edit { span, with: with.into() });
        self
    }

    /// The severity.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.severity
    }

    /// Turns it into an error.
    pub(crate) fn deny(&mut self) {
        self.severity = Severity::Error;
    }
}

/// Collects the findings of all rules.
#[derive(Debug, Default)]
pub(crate) struct Findings(Vec<Finding>);

impl Findings {
    /// Adds a finding.
    pub(crate) fn push(&mut self, finding: Finding) {
        self.0.push(finding);
    }

    /// Adds findings.
    pub(crate) fn extend(&mut self, findings: impl IntoIterator<Item = Finding>) {
        self.0.extend(findings);
    }

    /// All findings in the order of the drawing; at one position by severity, the worst first.
    pub(crate) fn into_sorted(mut self) -> Vec<Finding> {
        self.0.sort_by(|a, b| {
            (a.span.start, b.severity(), a.rule.code).cmp(&(b.span.start, a.severity(), b.rule.code))
        });
        self.0
    }
}
