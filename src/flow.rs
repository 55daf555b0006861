//! The interface between generated code and the engines that run it.

use std::fmt;
use std::sync::Arc;

use crate::fault::Result;
use crate::plan::{NodeSpec, Plan};
use crate::routing::ValueId;
use crate::visit::Visit;

/// Whether a compensable step took effect.
///
/// If a step returns a [`Fault`](crate::Fault) instead, its effect is unknown, and it is undone like a step
/// that was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Effect {
    /// The step is done, and has to be undone if the flow fails later.
    Done,
    /// The step certainly had no effect, so there is nothing to undo.
    NotDone,
}

/// The answer to the question whether a step was done.
///
/// A rollback asks it for each visit in doubt: a visit that faulted, was interrupted, or reported that it was not
/// done after an attempt that may have done it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Did<T = ()> {
    /// The step was done, and gave this value. It has to be undone.
    Done(T),
    /// The step was not done and never will be, so there is nothing to undo.
    ///
    /// A late attempt must not have its effect any more. So answer this only after you have left a
    /// [mark](crate::Visit::undoes) under the key of the visit, in the same transaction as the look-up.
    NotDone,
    /// The answer is not known. The visit remains in doubt, and is undone.
    Unknown,
}

impl<T> Did<T> {
    /// Converts the value.
    pub fn map<U>(self, convert: impl FnOnce(T) -> U) -> Did<U> {
        match self {
            Self::Done(value) => Did::Done(convert(value)),
            Self::NotDone => Did::NotDone,
            Self::Unknown => Did::Unknown,
        }
    }
}

/// The result of a step, and where control continues.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Next<N: 'static> {
    /// Whether there is something to undo.
    pub effect: Effect,
    /// Where control continues.
    pub to: Target<N>,
    /// The position of a decision's outcome in [`Decision::LABELS`]; `None` for other nodes. A step that answers
    /// the decision behind it has its outcome.
    pub outcome: Option<usize>,
    /// The answer to an [inquiry](crate::Visit::is_inquiry); `None` for other visits.
    pub answer: Option<Did>,
}

/// Where control continues.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target<N: 'static> {
    /// To one node.
    One(N),
    /// To all of these nodes: a fork.
    All(&'static [N]),
    /// Nowhere: the node is an end.
    Nowhere,
}

impl<N> Next<N> {
    /// Continues at one node.
    pub const fn to(node: N) -> Self
    where
        N: Copy,
    {
        Self { effect: Effect::Done, to: Target::One(node), outcome: None, answer: None }
    }

    /// Continues at all of these nodes.
    pub const fn fork(branches: &'static [N]) -> Self {
        Self { effect: Effect::Done, to: Target::All(branches), outcome: None, answer: None }
    }

    /// Ends the branch.
    #[must_use]
    pub const fn end() -> Self {
        Self { effect: Effect::Done, to: Target::Nowhere, outcome: None, answer: None }
    }

    /// Answers an [inquiry](crate::Visit::is_inquiry).
    #[must_use]
    pub const fn answer(did: Did) -> Self {
        Self { effect: Effect::Done, to: Target::Nowhere, outcome: None, answer: Some(did) }
    }

    /// Sets the effect that the step reported.
    #[must_use]
    pub fn with_effect(self, effect: Effect) -> Self {
        Self { effect, ..self }
    }

    /// Sets the outcome of a decision, by its position in [`Decision::LABELS`].
    #[must_use]
    pub fn outcome(self, outcome: usize) -> Self {
        Self { outcome: Some(outcome), ..self }
    }
}

/// The nodes of a drawing, as an enum. Implemented by generated code.
///
/// # Examples
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/bookshop.rs"));
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// use flowgen::Node;
///
/// let spec = shop::Node::ReserveBook.spec();
/// assert_eq!((spec.id, spec.label, spec.method), ("n2", "Reserve book", "reserve_book"));
/// assert_eq!(shop::Node::ALL.len(), 6);
/// # }
/// ```
pub trait Node: Copy + Eq + fmt::Debug + Send + Sync + 'static {
    /// The ends of the flow, as an enum.
    type End: Copy + Eq + fmt::Debug + Send + Sync + 'static;

    /// All nodes, in the order of [`Plan::nodes`].
    const ALL: &'static [Self];

    /// The drawing.
    const PLAN: &'static Plan;

    /// This node's position in [`Node::ALL`].
    fn index(self) -> u32;

    /// This node as an end; `None` if it is not an end.
    fn end(self) -> Option<Self::End>;

    /// Returns the node with this id in the drawing.
    #[must_use]
    fn find(id: &str) -> Option<Self> {
        Self::ALL.get(Self::PLAN.find(id)? as usize).copied()
    }

    /// The id, label, method, lane and kind of this node.
    #[must_use]
    fn spec(self) -> &'static NodeSpec {
        &Self::PLAN.nodes[self.index() as usize]
    }
}

/// A workflow with its lanes. Implemented by generated code.
///
/// Engines execute a flow by calling [`step`](Flow::step): the in-process runner calls it in a loop, a durable
/// store saves the run between two calls, and a cluster makes each call an activity.
///
/// A flow that wraps another one, for example to inject faults or to count calls, must delegate all of
/// these functions to it.
pub trait Flow<Cx: Send>: Sync {
    /// The nodes of the drawing.
    type Node: Node;

    /// Executes one node and returns where control continues.
    ///
    /// # Errors
    ///
    /// The fault of the lane that implements the node.
    fn step(
        &self,
        at: Self::Node,
        cx: &mut Cx,
        visit: &Visit,
    ) -> impl Future<Output = Result<Next<Self::Node>>> + Send;

    /// Returns a copy of the context for a branch or a message; `None` if the drawing never needs one.
    ///
    /// A branch without a context faults, and a message without one is not sent.
    #[must_use]
    fn fork(cx: &Cx) -> Option<Cx>;

    /// Merges a branch's context back at the join.
    fn join(cx: &mut Cx, branch: Cx);

    /// Removes values that no node can get any more. Does nothing by default, because only
    /// [`Data`](crate::data::Data) has such values.
    fn retain(cx: &mut Cx, is_needed: &dyn Fn(ValueId) -> bool) {
        let _ = (cx, is_needed);
    }

    /// Uses the generated items that a program may leave unused, so that rustc does not report them as dead
    /// code. Never called.
    #[doc(hidden)]
    fn optional_items() {}
}

/// A reference to a flow is a flow.
impl<Cx: Send, F: Flow<Cx> + ?Sized> Flow<Cx> for &F {
    type Node = F::Node;

    fn step(
        &self,
        at: Self::Node,
        cx: &mut Cx,
        visit: &Visit,
    ) -> impl Future<Output = Result<Next<Self::Node>>> + Send {
        (**self).step(at, cx, visit)
    }

    fn fork(cx: &Cx) -> Option<Cx> {
        F::fork(cx)
    }

    fn join(cx: &mut Cx, branch: Cx) {
        F::join(cx, branch);
    }

    fn retain(cx: &mut Cx, is_needed: &dyn Fn(ValueId) -> bool) {
        F::retain(cx, is_needed);
    }
}

/// A shared flow is a flow.
impl<Cx: Send, F: Flow<Cx> + Send + ?Sized> Flow<Cx> for Arc<F> {
    type Node = F::Node;

    fn step(
        &self,
        at: Self::Node,
        cx: &mut Cx,
        visit: &Visit,
    ) -> impl Future<Output = Result<Next<Self::Node>>> + Send {
        (**self).step(at, cx, visit)
    }

    fn fork(cx: &Cx) -> Option<Cx> {
        F::fork(cx)
    }

    fn join(cx: &mut Cx, branch: Cx) {
        F::join(cx, branch);
    }

    fn retain(cx: &mut Cx, is_needed: &dyn Fn(ValueId) -> bool) {
        F::retain(cx, is_needed);
    }
}

/// Copies a context for a branch, and merges it back.
///
/// Needed only if the drawing forks into more than one branch with work, or sends a message.
///
/// If `fork` panics, the branch faults. If `fork` panics for a message, the message is not sent, and a fault of
/// its sender records it. If `join` panics, the last step of the last branch faults, and the rollback continues
/// with the context as `join` left it.
///
/// # Examples
///
/// ```
/// struct Offers {
///     customer: u64,
///     prices: Vec<u32>,
/// }
///
/// impl flowgen::Fork for Offers {
///     fn fork(&self) -> Self {
///         Self { customer: self.customer, prices: Vec::new() }
///     }
///     fn join(&mut self, branch: Self) {
///         self.prices.extend(branch.prices);
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "the drawing forks, and `{Self}` does not say how a branch gets its own copy",
    label = "this context has no `Fork`",
    note = "implement `flowgen::Fork` for `{Self}`: `fork` makes the copy for a branch, `join` merges it back"
)]
pub trait Fork: Sized {
    /// Returns a copy of the context for a branch.
    #[must_use]
    fn fork(&self) -> Self;

    /// Merges the context of a branch into this one. Called once for each branch, in the order drawn.
    fn join(&mut self, branch: Self);
}

/// The outcomes of a decision, as an enum. Implemented by generated code.
///
/// Generated code matches on outcomes but constructs none, so rustc's `dead_code` lint reports an outcome that
/// no lane returns. The lint skips enums that a library exports.
///
/// # Examples
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/bookshop.rs"));
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// use flowgen::Decision;
/// use shop::shop::Paid;
///
/// assert_eq!(Paid::LABELS, ["Yes", "No"]);
/// assert_eq!((Paid::No.index(), Paid::No.label()), (1, "No"));
/// # }
/// ```
pub trait Decision: Copy + Eq + fmt::Debug + Send + Sync + 'static {
    /// The labels of all outcomes, in the order drawn.
    const LABELS: &'static [&'static str];

    /// The position of this outcome in [`Decision::LABELS`].
    #[must_use]
    fn index(self) -> usize;

    /// The label of this outcome's edge.
    #[must_use]
    fn label(self) -> &'static str {
        Self::LABELS.get(self.index()).copied().unwrap_or_default()
    }
}
