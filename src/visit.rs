//! Which call of which step this is.

use std::fmt;
use std::sync::Arc;

use crate::plan::NodeSpec;

/// Says to a step which run, node, visit and attempt this is.
///
/// # Examples
///
/// ```
/// use flowgen::Visit;
/// use flowgen::plan::{Kind, NodeSpec};
///
/// static CHARGE: NodeSpec = NodeSpec::new("n7", "Charge card", 0, Kind::Step);
/// static REFUND: NodeSpec = NodeSpec::new("n9", "Refund card", 0, Kind::Step);
///
/// let visit = Visit::new("order-42", &CHARGE, 1);
/// assert_eq!(visit.key().to_string(), "order-42/n7/1");
///
/// let undo = Visit::new("order-42", &REFUND, 1).undoing(&CHARGE, 1);
/// assert_eq!(undo.undoes().map(|key| key.to_string()), Some("order-42/n7/1".to_owned()));
/// ```
#[derive(Clone, Debug)]
pub struct Visit {
    pub(crate) run: Arc<str>,
    pub(crate) node: &'static NodeSpec,
    pub(crate) nth: u32,
    pub(crate) attempt: u32,
    pub(crate) undoes: Option<(&'static NodeSpec, u32)>,
}

/// Identifies one visit of one node in one run: `order-42/n7/1`.
///
/// It stays the same over retries, restarts and machines. Hand it to whatever the step calls, so
/// that a repeated call has one effect.
#[derive(Clone, Copy, Debug)]
pub struct Key<'a> {
    run: &'a str,
    node: &'static str,
    nth: u32,
}

impl Visit {
    /// A first attempt. Only for those who run flows, and for tests of lanes.
    #[must_use]
    pub fn new(run: impl Into<Arc<str>>, node: &'static NodeSpec, nth: u32) -> Self {
        Self { run: run.into(), node, nth, attempt: 1, undoes: None }
    }

    /// The visit of a compensation, which undoes the `nth` visit of `step`.
    #[must_use]
    pub fn undoing(mut self, step: &'static NodeSpec, nth: u32) -> Self {
        self.undoes = Some((step, nth));
        self
    }

    /// The same visit, at this attempt, from 1.
    #[must_use]
    pub fn at_attempt(mut self, attempt: u32) -> Self {
        self.attempt = attempt;
        self
    }

    /// The id of the run.
    #[must_use]
    pub fn run(&self) -> &str {
        &self.run
    }

    /// The node that is visited.
    #[must_use]
    pub fn node(&self) -> &'static NodeSpec {
        self.node
    }

    /// How often this run has come to this node, this time included: from 1.
    #[must_use]
    pub fn nth(&self) -> u32 {
        self.nth
    }

    /// How often this visit has been tried, this time included: from 1.
    #[must_use]
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// The idempotency key of this visit.
    #[must_use]
    pub fn key(&self) -> Key<'_> {
        Key { run: &self.run, node: self.node.id, nth: self.nth }
    }

    /// For a compensation: the idempotency key under which the step ran that is to be undone.
    #[must_use]
    pub fn undoes(&self) -> Option<Key<'_>> {
        self.undoes.map(|(step, nth)| Key { run: &self.run, node: step.id, nth })
    }
}

impl Key<'_> {
    /// The id of the node in the drawing.
    #[must_use]
    pub fn node(&self) -> &'static str {
        self.node
    }

    /// Which visit of the node, from 1.
    #[must_use]
    pub fn nth(&self) -> u32 {
        self.nth
    }
}

impl fmt::Display for Key<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.run, self.node, self.nth)
    }
}
