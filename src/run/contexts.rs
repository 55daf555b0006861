//! A run with the contexts of its branches, and who moves it on.

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

/// A run: where it stands, its contexts, what it owes, where it has been and how it ended.
///
/// It is a value, and between two steps it holds everything. A context that a branch has lent is not
/// in it: who saves a run meanwhile has to keep that context beside it.
///
/// With feature `serde` it can be saved between any two calls of an [`Interpreter`], and read back, in
/// another process too, as a `Saved` which [`Interpreter::adopt`](Interpreter#method.adopt) makes a run
/// of. What was being done then is due again after [`Interpreter::interrupt`], under the same
/// idempotency key.
#[derive(Clone, Debug)]
pub struct Run<Cx> {
    pub(super) id: Arc<str>,
    pub(super) hash: u64,
    pub(super) state: State,
    context: Cx,
    /// The contexts of branches that are not being done just now.
    pub(super) branches: BTreeMap<PlaceId, Cx>,
    /// Why branches have no context: `Fork::fork` panicked. Not saved.
    pub(super) lost: BTreeMap<PlaceId, Panicked>,
    pub(super) messages: Vec<Run<Cx>>,
    /// How much of the path observers were told.
    pub(super) told: usize,
    /// How much of the path was left where the run was read from.
    pub(super) left_out: usize,
}

impl<Cx> Run<Cx> {
    /// The id that was given to it.
    #[must_use]
    pub fn id(&self) -> &Arc<str> {
        &self.id
    }

    /// The hash of the drawing that it runs under.
    #[must_use]
    pub fn hash(&self) -> u64 {
        self.hash
    }

    /// Where it stands, what it owes, where it has been and how it ended.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Has it ended?
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.state.ending().is_some()
    }

    /// The context of the whole run.
    #[must_use]
    pub fn context(&self) -> &Cx {
        &self.context
    }

    /// The context for what is done at the root, the place 0; branches lend theirs.
    pub fn context_mut(&mut self) -> &mut Cx {
        &mut self.context
    }

    /// Takes the context of a branch, to do a step with it while others do theirs. Give it back
    /// before the step is settled. `None` at the root, and where the branch has none.
    pub fn lend(&mut self, place: PlaceId) -> Option<Cx> {
        self.branches.remove(&place)
    }

    /// Gives back the context of a branch.
    pub fn give_back(&mut self, place: PlaceId, context: Cx) {
        self.branches.insert(place, context);
    }

    /// Puts another context in the place of the one that a place has.
    pub(crate) fn replace_context(&mut self, place: PlaceId, context: Cx) {
        if let Some(at) = self.context_at_mut(place) {
            let replaced = std::mem::replace(at, context);
            // The run is not harmed if its drop panics.
            let _ = Panicked::catch(|| drop(replaced));
        }
    }

    /// The context of each place that has one now: that of the root, 0, and those that branches have
    /// not lent.
    pub fn contexts(&self) -> impl Iterator<Item = (PlaceId, &Cx)> {
        let branches = self.branches.iter().map(|(place, context)| (*place, context));
        std::iter::once((0, &self.context)).chain(branches)
    }

    /// `None` where there is no context for the root.
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

    /// The fault with which to settle a place that has no context when it is begun.
    #[must_use]
    pub fn why_no_context(&self, place: PlaceId) -> Fault {
        let why = "this branch of the fork has no context: `Flow::fork` gave none, or it was lost";
        self.lost.get(&place).map_or_else(|| Fault::new(why), |panicked| Fault::from(panicked.clone()))
    }

    /// How long the path is, with what was left where the run was read from.
    #[must_use]
    pub fn walked(&self) -> usize {
        self.left_out + self.state.path().len()
    }

    /// The path behind its first nodes, so many.
    #[must_use]
    pub fn walked_since(&self, first: usize) -> &[Walked] {
        self.state.path().get(first.saturating_sub(self.left_out)..).unwrap_or_default()
    }

    /// The part of the path that observers were not told yet, by whoever drove the run so far.
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

    /// A run that is not being done just now, of which observers were told all.
    #[inline]
    pub(crate) fn from_parts(id: Arc<str>, hash: u64, state: State, context: Cx) -> Self {
        let told = state.path().len();
        let (branches, lost) = (BTreeMap::new(), BTreeMap::new());
        Self { id, hash, state, context, branches, lost, messages: Vec::new(), told, left_out: 0 }
    }

    pub(crate) fn has_messages(&self) -> bool {
        !self.messages.is_empty()
    }

    /// The messages sent since this was last asked: runs of their own, which nobody waits for.
    #[must_use = "a message that is dropped is lost"]
    pub fn take_messages(&mut self) -> Vec<Run<Cx>> {
        std::mem::take(&mut self.messages)
    }
}

/// Moves runs of one drawing on. Pure: it waits for nothing and asks nobody.
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
    /// The interpreter of a generated flow.
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

    /// An interpreter of any plan, with the way in which contexts are copied and merged.
    #[must_use]
    pub const fn new(plan: &'static Plan, fork: fn(&Cx) -> Option<Cx>, join: fn(&mut Cx, Cx)) -> Self {
        Self { plan, fork, join }
    }

    /// A run that starts at this node, by its place in the plan.
    #[must_use]
    pub fn start(&self, id: impl Into<Arc<str>>, node: u32, context: Cx) -> Run<Cx> {
        let mut run = self.run(id.into(), context, false);
        let sent = self.set_out(&mut run, node, false);
        self.send(&mut run, sent);
        run
    }

    /// A run that has not set out.
    #[inline]
    pub(super) fn run(&self, id: Arc<str>, context: Cx, detached: bool) -> Run<Cx> {
        Run::from_parts(id, self.plan.hash, State::new(self.plan.nodes.len(), detached), context)
    }

    /// Begins what is due at a place, and says who this visit is. `None` where nothing is due.
    pub fn begin(&self, run: &mut Run<Cx>, place: PlaceId) -> Option<Visit> {
        let cause = run.state.rollback_cause().and_then(|cause| cause.named(self.plan)).map(Arc::new);
        let begun = run.state.begin(place)?;
        let visit = Visit::new(Arc::clone(&run.id), self.plan.node(begun.node)?, begun.nth);
        let undoes = begun.undoing.and_then(|(step, nth)| Some((self.plan.node(step)?, nth)));
        Some(Visit { attempt: begun.attempt, faulted: begun.faulted, undoes, cause, ..visit })
    }

    /// Takes the fault of an attempt after which another is to be made, with [`Interpreter::begin_again`].
    ///
    /// False where no other may be made, and the fault is to be settled: a run that is to roll back starts
    /// no attempt any more but those of compensations.
    pub fn rest(&self, run: &mut Run<Cx>, place: PlaceId, fault: &Fault) -> bool {
        run.state.rest(place, fault)
    }

    /// Begins another attempt at what rests, under the same key. `None` where nothing rests, and where the
    /// run is to roll back meanwhile: then the last fault is to be settled.
    pub fn begin_again(&self, run: &mut Run<Cx>, place: PlaceId) -> Option<Visit> {
        run.state.end_rest(place).then(|| self.begin(run, place))?
    }

    /// Notes that an attempt before the one that is being made may have had an effect: for engines that
    /// repeat attempts themselves. To be called before that attempt is settled.
    pub fn doubt(&self, run: &mut Run<Cx>, place: PlaceId) {
        run.state.doubt(place);
    }

    /// Gives up the attempt at a place of a run that is to roll back: for engines that lose an attempt while
    /// others are made. Its visit is in doubt, and is undone if it can be. A compensation is due again.
    pub fn give_up(&self, run: &mut Run<Cx>, place: PlaceId) {
        self.change(run, |state, plan, changes| state.give_up(plan, place, changes));
    }

    /// Takes what came of a node, after all retries, and moves on.
    #[expect(clippy::needless_pass_by_value, reason = "what came of a node is taken once")]
    pub fn settle(&self, run: &mut Run<Cx>, place: PlaceId, said: Result<Said<'_>>) {
        self.settle_said(run, place, &said);
    }

    /// The same, for what a generated flow says.
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

    /// Takes back what was begun and not done: it waited for its turn when the run was stopped.
    pub fn release(&self, run: &mut Run<Cx>, place: PlaceId) {
        self.change(run, |state, plan, changes| state.release(plan, place, changes));
    }

    /// Cancels a run: attempts that are being made are still awaited, then what is owed is undone. A step
    /// that was interrupted is not tried again: it may have been done, so it is undone.
    ///
    /// A run that rolls back already goes on with that; one that is over stays so.
    pub fn cancel(&self, run: &mut Run<Cx>) {
        self.change(run, State::cancel);
    }

    /// After a crash: what was being done is due again, under the same key.
    ///
    /// In a run that is to roll back, only compensations are. A step is not tried again: it may have been
    /// done, so it is undone.
    pub fn interrupt(&self, run: &mut Run<Cx>) {
        self.change(run, State::interrupt);
    }

    /// Tries once more to undo what is stuck. Says whether anything was.
    pub fn retry_stuck(&self, run: &mut Run<Cx>) -> bool {
        run.state.reopen(|step| self.plan.undone_by(step))
    }

    /// Resolves the stuck visit `nth` of `node`: the run owes it no longer. Returns whether it was stuck.
    ///
    /// The path records the resolution, as [`Trace::UndoneByHand`](super::Trace::UndoneByHand) or
    /// [`Trace::Waived`](super::Trace::Waived). A run in which nothing
    /// is stuck any more counts as rolled back.
    pub fn resolve_stuck(&self, run: &mut Run<Cx>, node: u32, nth: u32, resolution: StuckResolution) -> bool {
        run.state.strike_off(self.plan.undone_by(node), (node, nth), resolution)
    }

    /// Makes a run of one that was read back, checks it, and maps it from the drawing that it was
    /// begun with to that of this interpreter.
    ///
    /// What was being done when it was saved is still begun; see [`Interpreter::interrupt`].
    ///
    /// # Errors
    ///
    /// When the run knows a node that means something else now, and when what was read is no run at all.
    #[cfg(feature = "serde")]
    pub fn adopt(
        &self,
        saved: super::saved::Saved<Cx>,
        adoption: &super::saved::Adoption,
    ) -> Result<Run<Cx>, super::saved::Refused> {
        adoption.adopt(saved, self.plan)
    }
}
