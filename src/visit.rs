//! Which call of which step this is.

use std::fmt;
use std::sync::Arc;

use crate::outcome::Cause;
use crate::plan::NodeSpec;

/// Says to a step or a decision which run, node, visit and attempt this is.
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
    /// How many attempts before this one faulted; the others were interrupted.
    pub(crate) faulted: u32,
    pub(crate) is_last_attempt: bool,
    pub(crate) cause: Option<Arc<Cause<&'static NodeSpec>>>,
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
    /// A first attempt, and the only one. For engines, and for tests of lanes.
    #[must_use]
    pub fn new(run: impl Into<Arc<str>>, node: &'static NodeSpec, nth: u32) -> Self {
        let (attempt, faulted, is_last_attempt) = (1, 0, true);
        Self { run: run.into(), node, nth, attempt, faulted, is_last_attempt, cause: None, undoes: None }
    }

    /// The visit of a compensation, which undoes the `nth` visit of `step`.
    #[must_use]
    pub fn undoing(mut self, step: &'static NodeSpec, nth: u32) -> Self {
        self.undoes = Some((step, nth));
        self
    }

    /// The same visit, at this attempt, from 1. All attempts before it faulted.
    #[must_use]
    pub fn at_attempt(mut self, attempt: u32) -> Self {
        self.attempt = attempt;
        self.faulted = attempt.saturating_sub(1);
        self
    }

    /// The same attempt, where only so many of those before it faulted: the others were interrupted, and
    /// no retry policy counts them.
    #[must_use]
    pub fn after_faults(mut self, faulted: u32) -> Self {
        self.faulted = faulted.min(self.attempt.saturating_sub(1));
        self
    }

    /// The same attempt, which is the last one that the retry policy allows, or is not.
    #[must_use]
    pub fn last_attempt(mut self, is_last: bool) -> Self {
        self.is_last_attempt = is_last;
        self
    }

    /// The same visit, in a run that is rolled back for this cause.
    #[must_use]
    pub fn rolling_back(mut self, cause: Cause<&'static NodeSpec>) -> Self {
        self.cause = Some(Arc::new(cause));
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

    /// How often this visit has been tried, this time included: from 1. Attempts that a restart
    /// interrupted are counted.
    #[must_use]
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// Is this the last attempt that the retry policy of the node allows? Always so without a policy.
    ///
    /// Only faults use up retries. So this attempt is made again if a restart interrupts it. A policy
    /// that retries [only some faults](crate::Retry::when) may make an earlier attempt the last one: that
    /// depends on the fault, which is not known yet. So may an abort, since a run that is to roll back
    /// starts no forward attempt any more.
    ///
    /// # Examples
    ///
    /// ```
    /// use flowgen::{Effect, Fault, Result, Visit};
    ///
    /// fn charge(breaker_is_open: bool, visit: &Visit) -> Result<Effect> {
    ///     match (breaker_is_open, visit.is_last_attempt()) {
    ///         (false, _) => Ok(Effect::Done),
    ///         (true, false) => Err(Fault::not_done("the breaker is open")),
    ///         // No attempt has reached the bank, so the drawing can ask for another way to pay.
    ///         (true, true) => Ok(Effect::NotDone),
    ///     }
    /// }
    /// ```
    #[must_use]
    pub fn is_last_attempt(&self) -> bool {
        self.is_last_attempt
    }

    /// Why the run is rolled back, in every step, decision and compensation of its rollback; `None`
    /// while the run goes forward.
    ///
    /// It is the same on every engine, and after a restart, except that a fault that was saved has lost
    /// the type of its error. Printed, it is a sentence, as in the outcome of the run. To match on the
    /// nodes of the drawing, see [`Cause::of_flow`].
    #[must_use]
    pub fn cause(&self) -> Option<&Cause<&'static NodeSpec>> {
        self.cause.as_deref()
    }

    /// The idempotency key of this visit.
    #[must_use]
    pub fn key(&self) -> Key<'_> {
        Key { run: &self.run, node: self.node.id, nth: self.nth }
    }

    /// For a compensation: the idempotency key under which the step ran that is to be undone.
    ///
    /// An attempt of that step may still be under way, and its effect may land after this undo. Leave a mark under
    /// this key, in the same transaction as the undo and also where there is nothing to undo, and let the step do
    /// nothing where its key is marked.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::collections::HashMap;
    ///
    /// use flowgen::{Effect, Fault, Result, Visit};
    ///
    /// /// What was charged, in cents, by idempotency key. `None` is a mark.
    /// type Charges = HashMap<String, Option<u64>>;
    ///
    /// fn charge(charges: &mut Charges, cents: u64, visit: &Visit) -> Result<Effect> {
    ///     match charges.entry(visit.key().to_string()).or_insert(Some(cents)) {
    ///         Some(_) => Ok(Effect::Done),
    ///         None => Err(Fault::not_done("the charge has been undone: it came too late")),
    ///     }
    /// }
    ///
    /// fn refund(charges: &mut Charges, visit: &Visit) {
    ///     if let Some(key) = visit.undoes() {
    ///         charges.insert(key.to_string(), None);
    ///     }
    /// }
    /// # use flowgen::plan::{Kind, NodeSpec};
    /// # static CHARGE: NodeSpec = NodeSpec::new("n7", "Charge card", 0, Kind::Step);
    /// # static REFUND: NodeSpec = NodeSpec::new("n9", "Refund card", 0, Kind::Step);
    /// # let mut charges = Charges::new();
    /// # refund(&mut charges, &Visit::new("order-42", &REFUND, 1).undoing(&CHARGE, 1));
    /// # assert!(charge(&mut charges, 24_95, &Visit::new("order-42", &CHARGE, 1)).unwrap_err().is_not_done());
    /// ```
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
