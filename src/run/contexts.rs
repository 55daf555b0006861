//! Runs with their contexts, and the interpreter that advances them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::place::PlaceId;
use super::resolution::StuckResolution;
use super::settle::Said;
use super::state::{State, Walked};
use crate::fault::{Fault, Result};
use crate::flow::{Flow, Next, Node, Towards};
use crate::panicked::Panicked;
use crate::plan::Plan;
use crate::visit::Visit;

/// A run: its position, contexts, pending undos, path and ending.
///
/// A run is a value, and complete between two steps. During a step of a branch, it does not contain the context
/// that the branch has lent. Code that saves the run meanwhile has to keep that context separately.
///
/// With feature `serde` a run can be saved between any two calls of an [`Interpreter`]. It is read back, also
/// in another process, as a `Saved`, which [`Interpreter::adopt`](Interpreter#method.adopt) turns into a run.
/// Nodes that were active are due again after [`Interpreter::interrupt`], under the same idempotency keys.
#[derive(Clone, Debug)]
pub struct Run<Cx> {
    pub(super) id: Arc<str>,
    pub(super) hash: u64,
    pub(super) state: State,
    context: Cx,
    /// The contexts of branches, except those that are lent.
    pub(super) branches: BTreeMap<PlaceId, Cx>,
    /// The panics of `Fork::fork`, for branches that have no context because of them. Not saved.
    pub(super) lost: BTreeMap<PlaceId, Panicked>,
    pub(super) messages: Vec<Run<Cx>>,
    /// The length of the part of the path that observers were notified of.
    pub(super) told: usize,
    /// The length of the part of the path that was not loaded with the run.
    pub(super) left_out: usize,
}

impl<Cx> Run<Cx> {
    /// The id of the run.
    #[must_use]
    pub fn id(&self) -> &Arc<str> {
        &self.id
    }

    /// The hash of the run's drawing.
    #[must_use]
    pub fn hash(&self) -> u64 {
        self.hash
    }

    /// The position of the run, its pending undos, path and ending.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Whether the run has ended.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.state.ending().is_some()
    }

    /// The context of the whole run.
    #[must_use]
    pub fn context(&self) -> &Cx {
        &self.context
    }

    /// The context for nodes of the root branch, 0. Other branches lend theirs, see [`Run::lend`].
    pub fn context_mut(&mut self) -> &mut Cx {
        &mut self.context
    }

    /// Takes the context of a branch, to execute its node while other branches execute theirs.
    ///
    /// Return it with [`Run::give_back`] before the node is settled. `None` for the root, and for a branch
    /// without a context.
    pub fn lend(&mut self, place: PlaceId) -> Option<Cx> {
        self.branches.remove(&place)
    }

    /// Returns the context of a branch to the run.
    pub fn give_back(&mut self, place: PlaceId, context: Cx) {
        self.branches.insert(place, context);
    }

    /// Replaces the context of a branch.
    pub(crate) fn replace_context(&mut self, place: PlaceId, context: Cx) {
        if let Some(at) = self.context_at_mut(place) {
            let replaced = std::mem::replace(at, context);
            // A panic of its destructor must not affect the run.
            let _ = Panicked::catch(|| drop(replaced));
        }
    }

    /// The contexts of the root, 0, and of all branches that have not lent theirs.
    pub fn contexts(&self) -> impl Iterator<Item = (PlaceId, &Cx)> {
        let branches = self.branches.iter().map(|(place, context)| (*place, context));
        std::iter::once((0, &self.context)).chain(branches)
    }

    /// `None` if there is no context for the root.
    #[cfg(feature = "serde")]
    pub(super) fn read_back(
        saved: super::saved::Saved<Cx>,
        hash: u64,
        messages: Vec<Run<Cx>>,
    ) -> Option<Self> {
        let super::saved::Saved { id, told, left_out, state, contexts: mut branches, .. } = saved;
        let context = branches.remove(&0)?;
        let lost = BTreeMap::new();
        Some(Self { id, hash, state, context, branches, lost, messages, told, left_out })
    }

    pub(crate) fn context_at(&self, place: PlaceId) -> Option<&Cx> {
        if place == 0 { Some(&self.context) } else { self.branches.get(&place) }
    }

    pub(super) fn context_at_mut(&mut self, place: PlaceId) -> Option<&mut Cx> {
        if place == 0 { Some(&mut self.context) } else { self.branches.get_mut(&place) }
    }

    /// The fault with which to settle a begun node whose branch has no context.
    #[must_use]
    pub fn why_no_context(&self, place: PlaceId) -> Fault {
        let why = "this branch of the fork has no context: `Flow::fork` gave none, or it was lost";
        self.lost.get(&place).map_or_else(|| Fault::new(why), |panicked| Fault::from(panicked.clone()))
    }

    /// The length of the path, including the part that was not loaded.
    #[must_use]
    pub fn walked(&self) -> usize {
        self.left_out + self.state.path().len()
    }

    /// The path without its `first` nodes.
    #[must_use]
    pub fn walked_since(&self, first: usize) -> &[Walked] {
        self.state.path().get(first.saturating_sub(self.left_out)..).unwrap_or_default()
    }

    /// The part of the path that observers were not notified of yet, over all drives of the run so far.
    pub(crate) fn untold(&self) -> &[Walked] {
        self.state.path().get(self.told..).unwrap_or_default()
    }

    pub(crate) fn all_told(&mut self) {
        self.told = self.state.path().len();
    }

    #[inline]
    pub(crate) fn into_parts(self) -> (Arc<str>, State, Cx) {
        (self.id, self.state, self.context)
    }

    /// Creates a run without lent contexts, whose observers were notified of the whole path.
    #[inline]
    pub(crate) fn from_parts(id: Arc<str>, hash: u64, state: State, context: Cx) -> Self {
        let told = state.path().len();
        let (branches, lost) = (BTreeMap::new(), BTreeMap::new());
        Self { id, hash, state, context, branches, lost, messages: Vec::new(), told, left_out: 0 }
    }

    pub(crate) fn has_messages(&self) -> bool {
        !self.messages.is_empty()
    }

    /// Takes the messages sent since the last call. They are runs of their own, which the sender does not wait
    /// for.
    #[must_use = "a message that is dropped is lost"]
    pub fn take_messages(&mut self) -> Vec<Run<Cx>> {
        std::mem::take(&mut self.messages)
    }
}

/// Advances runs of one drawing. Pure: it never waits and performs no I/O.
///
/// # Examples
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/bookshop.rs"));
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// use flowgen::run::{Ending, Interpreter};
/// use flowgen::{Flow, Node};
///
/// let flow = shop::Flow { shop: Bookshop };
/// let interpreter = Interpreter::of::<shop::Flow<Bookshop>>();
/// let mut run = interpreter.start("order-42", shop::Node::Ordered.index(), Order { paid: true });
/// while !run.is_over() {
///     // This drawing does not fork, so there is one place, the root, and its context stays in the run.
///     let due = run.state().due().next().expect("a run that is not over has something due");
///     let visit = interpreter.begin(&mut run, due.place).expect("it is due");
///     let at = shop::Node::ALL[due.node as usize];
///     let said = flow.step(at, run.context_mut(), &visit).await;
///     interpreter.settle_next(&mut run, due.place, said);
///     // Here a store would save the run.
/// }
/// assert!(matches!(run.state().ending(), Some(Ending::Completed(_))));
/// # }
/// ```
#[derive(Debug)]
pub struct Interpreter<Cx> {
    plan: &'static Plan,
    pub(super) fork: fn(&Cx) -> Option<Cx>,
    pub(super) join: fn(&mut Cx, Cx),
}

impl<Cx> Clone for Interpreter<Cx> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<Cx> Copy for Interpreter<Cx> {}

impl<Cx: Send> Interpreter<Cx> {
    /// Creates the interpreter of a generated flow.
    #[must_use]
    pub fn of<F: Flow<Cx>>() -> Self {
        Self { plan: F::Node::PLAN, fork: F::fork, join: F::join }
    }
}

impl<Cx> Interpreter<Cx> {
    /// The plan.
    #[must_use]
    pub const fn plan(&self) -> &'static Plan {
        self.plan
    }

    /// Creates an interpreter of any plan, with functions that copy and merge contexts.
    #[must_use]
    pub const fn new(plan: &'static Plan, fork: fn(&Cx) -> Option<Cx>, join: fn(&mut Cx, Cx)) -> Self {
        Self { plan, fork, join }
    }

    /// Starts a run at this node, by its index in the plan.
    #[must_use]
    pub fn start(&self, id: impl Into<Arc<str>>, node: u32, context: Cx) -> Run<Cx> {
        let mut run = self.run(id.into(), context, false);
        let sent = self.set_out(&mut run, node, false);
        self.send(&mut run, sent);
        run
    }

    /// Creates a run before its first node.
    #[inline]
    pub(super) fn run(&self, id: Arc<str>, context: Cx, detached: bool) -> Run<Cx> {
        Run::from_parts(id, self.plan.hash, State::new(self.plan.nodes.len(), detached), context)
    }

    /// Begins the due node of a branch, and returns its visit. `None` if the branch is not due.
    pub fn begin(&self, run: &mut Run<Cx>, place: PlaceId) -> Option<Visit> {
        let cause = run.state.rollback_cause().and_then(|cause| cause.named(self.plan)).map(Arc::new);
        let begun = run.state.begin(place)?;
        let visit = Visit::new(Arc::clone(&run.id), self.plan.node(begun.node)?, begun.nth);
        let undoes = begun.undoing.and_then(|(step, nth)| Some((self.plan.node(step)?, nth)));
        Some(Visit { attempt: begun.attempt, faulted: begun.faulted, undoes, cause, ..visit })
    }

    /// Records the fault of an attempt that will be retried with [`Interpreter::begin_again`].
    ///
    /// Returns false if no retry is allowed and the fault has to be settled: a run that is about to roll back
    /// starts only attempts of compensations.
    pub fn rest(&self, run: &mut Run<Cx>, place: PlaceId, fault: &Fault) -> bool {
        run.state.rest(place, fault)
    }

    /// Begins the next attempt of a node that waits for a retry, under the same key.
    ///
    /// `None` if the node does not wait, or if the run is about to roll back. In the latter case, the last
    /// fault has to be settled.
    pub fn begin_again(&self, run: &mut Run<Cx>, place: PlaceId) -> Option<Visit> {
        run.state.end_rest(place).then(|| self.begin(run, place))?
    }

    /// Records that an attempt before the active one may have had an effect. For engines that repeat attempts
    /// themselves. Call it before the active attempt is settled.
    pub fn doubt(&self, run: &mut Run<Cx>, place: PlaceId) {
        run.state.doubt(place);
    }

    /// Gives up the attempt of a branch in a run that is about to roll back.
    ///
    /// For engines that lose an attempt while others are active. The visit is in doubt, and is undone if
    /// possible. A compensation is due again.
    pub fn give_up(&self, run: &mut Run<Cx>, place: PlaceId) {
        self.change(run, |state, plan, changes| state.give_up(plan, place, changes));
    }

    /// Applies the result of a node, after all retries, and advances the run.
    #[expect(clippy::needless_pass_by_value, reason = "what came of a node is taken once")]
    pub fn settle(&self, run: &mut Run<Cx>, place: PlaceId, said: Result<Said<'_>>) {
        self.settle_said(run, place, &said);
    }

    /// Like [`Interpreter::settle`], for the result of a generated flow.
    pub fn settle_next<N: Node>(&self, run: &mut Run<Cx>, place: PlaceId, said: Result<Next<N>>) {
        let Next { effect, to, outcome: _ } = match said {
            Ok(next) => next,
            Err(fault) => return self.settle(run, place, Err(fault)),
        };
        match to {
            Towards::Nowhere => self.settle(run, place, Ok(Said { effect, to: &[] })),
            Towards::One(node) => self.settle(run, place, Ok(Said { effect, to: &[node.index()] })),
            Towards::All(nodes) => {
                let to: Vec<u32> = nodes.iter().map(|node| node.index()).collect();
                self.settle(run, place, Ok(Said { effect, to: &to }));
            }
        }
    }

    /// Takes back an attempt that was begun but not made, because the run was stopped while it waited for a
    /// permit.
    pub fn release(&self, run: &mut Run<Cx>, place: PlaceId) {
        self.change(run, |state, plan, changes| state.release(plan, place, changes));
    }

    /// Cancels a run: waits for active attempts, then executes the pending undos. A step that was interrupted
    /// is not repeated: it may have been done, so it is undone.
    ///
    /// Does nothing if the run is already rolling back or has ended.
    pub fn cancel(&self, run: &mut Run<Cx>) {
        self.change(run, State::cancel);
    }

    /// Makes active nodes due again after a crash, under the same keys.
    ///
    /// If the run is about to roll back, this applies to compensations only. An interrupted step is not
    /// repeated: it may have been done, so it is undone.
    pub fn interrupt(&self, run: &mut Run<Cx>) {
        self.change(run, State::interrupt);
    }

    /// Retries the failed undos of a stuck run. Returns whether there are any.
    pub fn retry_stuck(&self, run: &mut Run<Cx>) -> bool {
        run.state.reopen(|step| self.plan.undone_by(step))
    }

    /// Resolves the failed undo of visit `nth` of `node`: the run no longer has to undo it. Returns whether it
    /// was stuck.
    ///
    /// The path records the resolution, as [`Trace::UndoneByHand`](super::Trace::UndoneByHand) or
    /// [`Trace::Waived`](super::Trace::Waived). After the last one, the run counts as rolled back.
    pub fn resolve_stuck(&self, run: &mut Run<Cx>, node: u32, nth: u32, resolution: StuckResolution) -> bool {
        run.state.strike_off(self.plan.undone_by(node), (node, nth), resolution)
    }

    /// Checks a run that was read back, and migrates it from the drawing that it began with to the drawing of
    /// this interpreter.
    ///
    /// Nodes that were active when it was saved are still begun; see [`Interpreter::interrupt`].
    ///
    /// # Errors
    ///
    /// [`Refused::Changed`](super::Refused::Changed) if the run depends on a node whose meaning has
    /// changed, and [`Refused::Malformed`](super::Refused::Malformed) if the data is not a valid run.
    #[cfg(feature = "serde")]
    pub fn adopt(
        &self,
        saved: super::saved::Saved<Cx>,
        adoption: &super::saved::Adoption,
    ) -> Result<Run<Cx>, super::saved::Refused> {
        adoption.adopt(saved, self.plan)
    }
}
