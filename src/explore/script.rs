//! Scripts: the deviations of a run.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use crate::flow::Node;
use crate::outcome::node_at;
use crate::plan::{Kind, Plan};

/// A deviation of one visit of a node from the normal run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Deviation {
    /// A decision returns the outcome with this label. The fakes bring it about, see [`Wanted`].
    Outcome(&'static str),
    /// A compensable step returns [`Effect::NotDone`](crate::Effect::NotDone). The fakes bring it about.
    NotDone,
    /// The node faults without a call of its lane.
    FaultBefore,
    /// The lane is called, and the node faults: the caller does not notice that the call took effect.
    FaultAfter,
    /// The lane is called twice under the same idempotency key, as after a restart that interrupted the first
    /// call. Changes to the context by the first call are lost.
    Repeated,
    /// The run is cancelled while the lane is being called.
    Cancelled,
    /// The lane is called once the other branches of the fork have proceeded as far as they can without
    /// waiting.
    Delayed,
    /// The node faults, as after a timeout, and the lane is called later: right after the compensation of this
    /// visit, or after the run if nothing undoes the visit.
    Late,
}

/// The deviations of one run, each at the nth visit of a node.
///
/// A message is a run of its own: a deviation applies to the nth visit in each run that reaches the node.
///
/// # Examples
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/bookshop.rs"));
/// # fn main() {
/// use flowgen::explore::{Deviation, Script};
///
/// let script = Script::new().at(shop::Node::ReserveBook, 1, Deviation::Late);
/// assert_eq!(script.to_string(), "Script::new().at(Node::ReserveBook, 1, Deviation::Late)");
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script<N> {
    deviations: Deviations,
    nodes: PhantomData<N>,
}

/// Deviations by the index of their node and by the visit.
pub(super) type Deviations = BTreeMap<(u32, u32), Deviation>;

/// An answer of a lane that the fakes of an exploration are asked to bring about.
///
/// An exploration never returns an outcome in place of the lane. It asks the test to set up its fakes, or the
/// run's input, so that the lane returns the outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Wanted<N> {
    /// The decision or step.
    pub node: N,
    /// Which visit of it, from 1.
    pub visit: u32,
    /// The answer to return.
    pub answer: Answer,
}

/// The answer that a decision or a compensable step is to return.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// A decision: the outcome with this label.
    Outcome(&'static str),
    /// A compensable step: [`Effect::NotDone`](crate::Effect::NotDone).
    NotDone,
}

impl<N: Node> Script<N> {
    /// Creates a script without deviations.
    #[must_use]
    pub const fn new() -> Self {
        Self { deviations: BTreeMap::new(), nodes: PhantomData }
    }

    /// Adds a deviation at the nth visit of a node, from 1. Replaces an existing one.
    #[must_use]
    pub fn at(mut self, node: N, visit: u32, deviation: Deviation) -> Self {
        self.deviations.insert((node.index(), visit), deviation);
        self
    }

    pub(super) const fn deviations(&self) -> &Deviations {
        &self.deviations
    }

    pub(super) fn get(&self, node: u32, visit: u32) -> Option<Deviation> {
        self.deviations.get(&(node, visit)).copied()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (N, u32, Deviation)> {
        self.deviations.iter().map(|(&(node, visit), &deviation)| (node_at(node), visit, deviation))
    }

    /// The answers that the fakes have to bring about.
    pub(super) fn wanted(&self) -> impl Iterator<Item = Wanted<N>> {
        self.iter().filter_map(|(node, visit, deviation)| {
            let answer = match deviation {
                Deviation::Outcome(label) => Answer::Outcome(label),
                Deviation::NotDone => Answer::NotDone,
                _ => return None,
            };
            Some(Wanted { node, visit, answer })
        })
    }

    /// Whether a compensation is made to fault, so that the run may get stuck.
    pub(super) fn breaks_an_undo(&self) -> bool {
        self.iter().any(|(node, _, deviation)| {
            let faults = matches!(deviation, Deviation::FaultBefore | Deviation::FaultAfter);
            node.spec().is_compensation() && faults
        })
    }
}

/// All deviations that are possible at a visit of this node, including the outcome that it returned.
pub(super) fn deviations(index: u32, plan: &'static Plan) -> Vec<Deviation> {
    use Deviation::{Cancelled, Delayed, FaultAfter, FaultBefore, Late, NotDone, Outcome, Repeated};

    let Some(node) = plan.node(index) else { return Vec::new() };
    let outcomes = plan.outcomes_of(index).iter().map(|label| Outcome(label));
    let mut deviations = match node.kind {
        Kind::Start | Kind::End | Kind::Milestone => return Vec::new(),
        // A step has answered it: nothing is called.
        Kind::Decision if plan.is_answered(index) => return Vec::new(),
        Kind::Decision => outcomes.chain([FaultBefore, Cancelled]).collect(),
        Kind::Step | Kind::Task if node.is_compensation() => vec![FaultBefore, FaultAfter, Repeated],
        Kind::Step | Kind::Task => {
            outcomes.chain([FaultBefore, FaultAfter, Repeated, Late, Cancelled]).collect()
        }
    };
    // A step with outcomes says with one of them that it was not done.
    if node.undone_by.is_some() && node.fused.is_none() {
        deviations.push(NotDone);
    }
    if plan.nodes.iter().any(|node| node.join.is_some()) {
        deviations.push(Delayed);
    }
    deviations
}

impl<N: Node> Default for Script<N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<N: Node> fmt::Display for Script<N> {
    /// Writes the script as Rust code.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Script::new()")?;
        for (node, visit, deviation) in self.iter() {
            write!(f, ".at(Node::{node:?}, {visit}, Deviation::{deviation:?})")?;
        }
        Ok(())
    }
}
