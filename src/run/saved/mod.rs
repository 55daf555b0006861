//! Saved runs: writing and reading.

mod checks;
mod migration;
mod names;
mod needs;
mod operator;
mod repeats;
mod restore_error;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::branch::BranchId;
use super::path_entry::PathEntry;
use super::run::Run;
use super::state::State;

pub use migration::Migration;
pub use restore_error::{Change, Changed, RestoreError};

/// A run without its path and messages, with its contexts in a form that the engine chooses.
///
/// Created by [`Run::snapshot`]; read back as a [`Saved`].
#[derive(Debug, Serialize)]
pub struct Snapshot<'r, C> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hash: Option<u64>,
    observed: usize,
    state: &'r State,
    contexts: &'r BTreeMap<BranchId, C>,
}

/// A run that was read back but not checked yet: [`Interpreter::restore`] turns it into a [`Run`].
///
/// [`Interpreter::restore`]: super::Interpreter::restore
#[derive(Clone, Debug, Deserialize)]
pub struct Saved<C> {
    #[serde(default)]
    pub(super) id: Arc<str>,
    #[serde(default)]
    pub(super) hash: u64,
    #[serde(alias = "told")]
    pub(super) observed: usize,
    /// The length of the part of the path that is not loaded.
    #[serde(skip)]
    pub(super) path_offset: usize,
    pub(super) state: State,
    pub(super) contexts: BTreeMap<BranchId, C>,
    #[serde(default)]
    path: Vec<PathEntry>,
    #[serde(default = "Vec::new")]
    pub(super) messages: Vec<Saved<C>>,
}

impl<C> Snapshot<'_, C> {
    /// Removes the id of the run and the hash of its drawing, for an engine that saves both elsewhere.
    /// [`Saved::named`] restores them.
    #[must_use]
    pub fn nameless(self) -> Self {
        Self { id: None, hash: None, ..self }
    }
}

impl<C> Saved<C> {
    /// Restores the id and the hash of a run that was saved [nameless](Snapshot::nameless).
    #[must_use]
    pub fn named(self, id: Arc<str>, hash: u64) -> Self {
        Self { id, hash, ..self }
    }

    /// The id of the run.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The hash of the drawing under which it was saved; 0 if it was saved nameless.
    #[must_use]
    pub fn hash(&self) -> u64 {
        self.hash
    }

    /// The position of the run, its pending undos and its ending.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The path of the run.
    pub fn path(&self) -> impl Iterator<Item = &PathEntry> {
        self.state.path.iter().chain(&self.path)
    }

    /// The context of each branch that has one. The root, 0, has the context of the whole run.
    #[must_use]
    pub fn contexts(&self) -> &BTreeMap<BranchId, C> {
        &self.contexts
    }

    /// Converts the contexts, for example from text.
    ///
    /// # Errors
    ///
    /// The first error of `read`, which is called with each branch and its context.
    pub fn try_map<D, E>(self, mut read: impl FnMut(BranchId, C) -> Result<D, E>) -> Result<Saved<D>, E> {
        self.map_with(&mut read)
    }

    fn map_with<D, E>(self, read: &mut impl FnMut(BranchId, C) -> Result<D, E>) -> Result<Saved<D>, E> {
        let Self { id, hash, observed, path_offset, state, contexts, path, messages } = self;
        let contexts = contexts.into_iter().map(|(branch, context)| Ok((branch, read(branch, context)?)));
        let contexts = contexts.collect::<Result<_, E>>()?;
        let messages = messages.into_iter().map(|message| message.map_with(read));
        let messages = messages.collect::<Result<_, E>>()?;
        Ok(Saved { id, hash, observed, path_offset, state, contexts, path, messages })
    }

    /// The length of the part of the path that observers were notified of.
    #[must_use]
    pub fn observed(&self) -> usize {
        self.observed
    }

    /// The length of the part of its path that is [not loaded](Saved::with_path_since).
    #[must_use]
    pub fn path_offset(&self) -> usize {
        self.path_offset
    }

    /// Sets its path without the `first` nodes, which are not loaded.
    ///
    /// The path is saved separately. A run continues without its first nodes, but needs the nodes that
    /// observers were not [notified of](Saved::observed) yet. Operations on the whole path, such as the migration
    /// to another drawing, need all nodes.
    #[must_use]
    pub fn with_path_since(self, first: usize, path: Vec<PathEntry>) -> Self {
        Self { path_offset: first, observed: self.observed.saturating_sub(first), path, ..self }
    }

    /// Moves the path into the state, and returns the state.
    pub(super) fn take_state(&mut self) -> &mut State {
        self.state.path.append(&mut self.path);
        // Older versions counted the passes of a loop for each branch.
        for branch in &mut self.state.branches {
            self.state.passes.add_saved(std::mem::take(&mut branch.passes));
        }
        &mut self.state
    }
}

impl<Cx> Run<Cx> {
    /// The run without its path and messages, with these contexts.
    #[must_use]
    pub fn snapshot<'r, C>(&'r self, contexts: &'r BTreeMap<BranchId, C>) -> Snapshot<'r, C> {
        let observed = self.path_offset + self.observed;
        Snapshot { id: Some(&self.id), hash: Some(self.hash), observed, state: &self.state, contexts }
    }
}

/// Serializes the whole run, to be read back as a [`Saved`]: with its path, and the messages that were not
/// taken.
impl<Cx: Serialize> Serialize for Run<Cx> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Whole<'r, Cx> {
            #[serde(flatten)]
            snapshot: Snapshot<'r, &'r Cx>,
            path: &'r [PathEntry],
            #[serde(skip_serializing_if = "<[_]>::is_empty", bound(serialize = "Cx: Serialize"))]
            messages: &'r [Run<Cx>],
        }
        let contexts = self.contexts().collect();
        let snapshot = self.snapshot(&contexts);
        Whole { snapshot, path: self.state.path(), messages: &self.messages }.serialize(serializer)
    }
}
