//! Identifies a call of a step: its run, node, visit and attempt.

use std::fmt;
use std::sync::Arc;

use crate::outcome::Cause;
use crate::plan::NodeSpec;
use crate::routing::Routing;

/// The run, node, visit and attempt that a step, decision or compensation is called for.
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
    pub(crate) number: u32,
    pub(crate) attempt: u32,
    /// The number of earlier attempts that faulted. The other earlier attempts were interrupted.
    pub(crate) faulted: u32,
    pub(crate) is_last_attempt: bool,
    pub(crate) cause: Option<Arc<Cause<&'static NodeSpec>>>,
    pub(crate) undoes: Option<(&'static NodeSpec, u32)>,
    /// `None` for most visits of a flow without declared values.
    pub(crate) routing: Option<Box<Routing>>,
}

/// Identifies one visit of one node in one run: `order-42/n7/1`.
///
/// The key stays the same over retries, restarts and machines. Pass it to the services that the step calls, so
/// that a repeated call has only one effect.
#[derive(Clone, Copy, Debug)]
pub struct Key<'a> {
    run: &'a str,
    node: &'static str,
    number: u32,
}

impl Visit {
    /// Creates a first attempt that is also the last one allowed. For engines, and for tests of lanes.
    #[must_use]
    pub fn new(run: impl Into<Arc<str>>, node: &'static NodeSpec, number: u32) -> Self {
        let (attempt, faulted, is_last_attempt) = (1, 0, true);
        Self {
            run: run.into(),
            node,
            number,
            attempt,
            faulted,
            is_last_attempt,
            cause: None,
            undoes: None,
            routing: None,
        }
    }

    /// Makes this the visit of a compensation that undoes visit `number` of `step`.
    #[must_use]
    pub fn undoing(mut self, step: &'static NodeSpec, number: u32) -> Self {
        self.undoes = Some((step, number));
        self
    }

    /// Sets the number of this attempt, from 1. All earlier attempts count as faulted.
    #[must_use]
    pub fn at_attempt(mut self, attempt: u32) -> Self {
        self.attempt = attempt;
        self.faulted = attempt.saturating_sub(1);
        self
    }

    /// Sets how many of the earlier attempts faulted. The others were interrupted, and no retry policy counts
    /// them.
    #[must_use]
    pub fn after_faults(mut self, faulted: u32) -> Self {
        self.faulted = faulted.min(self.attempt.saturating_sub(1));
        self
    }

    /// Sets whether this is the last attempt that the retry policy allows.
    #[must_use]
    pub fn last_attempt(mut self, is_last: bool) -> Self {
        self.is_last_attempt = is_last;
        self
    }

    /// Sets the cause for which the run is rolled back.
    #[must_use]
    pub fn rolling_back(mut self, cause: Cause<&'static NodeSpec>) -> Self {
        self.cause = Some(Arc::new(cause));
        self
    }

    /// Sets the inputs and the output. For engines that call a step in another process, with the
    /// [`Visit::routing`] of the visit that the interpreter returned.
    #[must_use]
    pub fn with_routing(mut self, routing: Routing) -> Self {
        self.routing = Some(Box::new(routing));
        self
    }

    /// The inputs and the output, as ids of values. For engines. `None` if the visit has neither, and is no
    /// inquiry.
    #[must_use]
    pub fn routing(&self) -> Option<&Routing> {
        self.routing.as_deref()
    }

    /// Whether this visit asks if the step was done, and does not do it. The node is the step, and the key is that
    /// of the visit in doubt.
    ///
    /// An inquiry is due when a run rolls back, for each visit in doubt of a step with a method `did_…`. The
    /// answer is returned with [`Next::answer`](crate::Next::answer).
    #[must_use]
    pub fn is_inquiry(&self) -> bool {
        self.routing().is_some_and(|routing| routing.is_inquiry)
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

    /// The number of this visit: how many times this run has visited the node, including this visit. From 1.
    #[must_use]
    pub fn number(&self) -> u32 {
        self.number
    }

    /// The number of this attempt within the visit, from 1. Attempts that a restart interrupted are counted.
    #[must_use]
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// Whether this is the last attempt that the retry policy of the node allows. Always true without a policy.
    ///
    /// Only faults use up retries, so this attempt is repeated if a restart interrupts it. An earlier attempt
    /// may become the last one for two reasons. A policy that retries [only some faults](crate::Retry::retry_if)
    /// makes any attempt final if its fault does not pass, and the fault is not known yet. A run that is about
    /// to roll back starts no further forward attempt.
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

    /// The cause of the rollback, in each step, decision and compensation of the rollback; `None` while the run
    /// proceeds forward.
    ///
    /// The cause is the same on every engine and after a restart, except that a saved fault has lost the type
    /// of its error. Its `Display` form is the one used in the outcome of the run. To match on the nodes of the
    /// drawing, see [`Cause::for_flow`].
    #[must_use]
    pub fn cause(&self) -> Option<&Cause<&'static NodeSpec>> {
        self.cause.as_deref()
    }

    /// The idempotency key of this visit.
    #[must_use]
    pub fn key(&self) -> Key<'_> {
        Key { run: &self.run, node: self.node.id, number: self.number }
    }

    /// For a compensation: the idempotency key of the visit that it undoes.
    ///
    /// An attempt of that step may still be in flight, and its effect may occur after this undo. Leave a mark
    /// under this key, in the same transaction as the undo, even if there is nothing to undo. The step must do
    /// nothing if its key is marked.
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
        self.undoes.map(|(step, number)| Key { run: &self.run, node: step.id, number })
    }
}

impl Key<'_> {
    /// The id of the node in the drawing.
    #[must_use]
    pub fn node(&self) -> &'static str {
        self.node
    }

    /// The number of the visit, from 1.
    #[must_use]
    pub fn number(&self) -> u32 {
        self.number
    }
}

impl fmt::Display for Key<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.run, self.node, self.number)
    }
}
