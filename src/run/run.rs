//! Runs with their contexts.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::branch::BranchId;
use super::path_entry::PathEntry;
use super::state::State;
use crate::fault::Fault;
use crate::panicked::Panicked;

/// A run: its position, contexts, pending undos, path and ending.
///
/// A run is a value, and complete between two steps. During a step of a branch, it does not contain the context
/// that the branch has lent. Code that saves the run meanwhile has to keep that context separately.
///
/// With feature `serde` a run can be saved between any two calls of an [`Interpreter`](super::Interpreter). It is read back, also
/// in another process, as a `Saved`, which [`Interpreter::restore`](super::Interpreter#method.restore) turns into a run.
/// Nodes that were active are due again after [`Interpreter::interrupt`](super::Interpreter::interrupt), under the same idempotency keys.
#[derive(Clone, Debug)]
pub struct Run<Cx> {
    pub(super) id: Arc<str>,
    pub(super) hash: u64,
    pub(super) state: State,
    context: Cx,
    /// The contexts of branches, except those that are lent.
    pub(super) branch_contexts: BTreeMap<BranchId, Cx>,
    /// The panics of `Fork::fork`, for branches that have no context because of them. Not saved.
    pub(super) lost: BTreeMap<BranchId, Panicked>,
    pub(super) messages: Vec<Run<Cx>>,
    /// The length of the part of the path that observers were notified of.
    pub(super) observed: usize,
    /// The length of the part of the path that was not loaded with the run.
    pub(super) path_offset: usize,
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
    pub fn lend(&mut self, branch: BranchId) -> Option<Cx> {
        self.branch_contexts.remove(&branch)
    }

    /// Returns the context of a branch to the run.
    pub fn give_back(&mut self, branch: BranchId, context: Cx) {
        self.branch_contexts.insert(branch, context);
    }

    /// Replaces the context of a branch.
    pub(crate) fn replace_context(&mut self, branch: BranchId, context: Cx) {
        if let Some(at) = self.context_at_mut(branch) {
            let replaced = std::mem::replace(at, context);
            // A panic of its destructor must not affect the run.
            let _ = Panicked::catch(|| drop(replaced));
        }
    }

    /// The contexts of the root, 0, and of all branches that have not lent theirs.
    pub fn contexts(&self) -> impl Iterator<Item = (BranchId, &Cx)> {
        let branch_contexts = self.branch_contexts.iter().map(|(branch, context)| (*branch, context));
        std::iter::once((0, &self.context)).chain(branch_contexts)
    }

    /// `None` if there is no context for the root.
    #[cfg(feature = "serde")]
    pub(super) fn read_back(
        saved: super::saved::Saved<Cx>,
        hash: u64,
        messages: Vec<Run<Cx>>,
    ) -> Option<Self> {
        let super::saved::Saved { id, observed, path_offset, state, contexts: mut branch_contexts, .. } =
            saved;
        let context = branch_contexts.remove(&0)?;
        let lost = BTreeMap::new();
        Some(Self { id, hash, state, context, branch_contexts, lost, messages, observed, path_offset })
    }

    pub(super) fn contexts_mut(&mut self) -> impl Iterator<Item = &mut Cx> {
        std::iter::once(&mut self.context).chain(self.branch_contexts.values_mut())
    }

    pub(crate) fn context_at(&self, branch: BranchId) -> Option<&Cx> {
        if branch == 0 { Some(&self.context) } else { self.branch_contexts.get(&branch) }
    }

    pub(super) fn context_at_mut(&mut self, branch: BranchId) -> Option<&mut Cx> {
        if branch == 0 { Some(&mut self.context) } else { self.branch_contexts.get_mut(&branch) }
    }

    /// The fault with which to settle a begun node whose branch has no context.
    #[must_use]
    pub fn why_no_context(&self, branch: BranchId) -> Fault {
        let why = "this branch of the fork has no context: `Flow::fork` gave none, or it was lost";
        self.lost.get(&branch).map_or_else(|| Fault::new(why), |panicked| Fault::from(panicked.clone()))
    }

    /// The length of the path, including the part that was not loaded.
    #[must_use]
    pub fn path_len(&self) -> usize {
        self.path_offset + self.state.path().len()
    }

    /// The path without its `first` nodes.
    #[must_use]
    pub fn path_since(&self, first: usize) -> &[PathEntry] {
        self.state.path().get(first.saturating_sub(self.path_offset)..).unwrap_or_default()
    }

    /// The part of the path that observers were not notified of yet, over all drives of the run so far.
    pub(crate) fn unobserved(&self) -> &[PathEntry] {
        self.state.path().get(self.observed..).unwrap_or_default()
    }

    pub(crate) fn mark_observed(&mut self) {
        self.observed = self.state.path().len();
    }

    #[inline]
    pub(crate) fn into_parts(self) -> (Arc<str>, State, Cx) {
        (self.id, self.state, self.context)
    }

    /// Creates a run without lent contexts, whose observers were notified of the whole path.
    #[inline]
    pub(crate) fn from_parts(id: Arc<str>, hash: u64, state: State, context: Cx) -> Self {
        let observed = state.path().len();
        let (branch_contexts, lost) = (BTreeMap::new(), BTreeMap::new());
        Self {
            id,
            hash,
            state,
            context,
            branch_contexts,
            lost,
            messages: Vec::new(),
            observed,
            path_offset: 0,
        }
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
