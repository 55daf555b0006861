//! Checkpoints of a run while it is driven.

use std::convert::Infallible;
use std::future::ready;
use std::sync::{Arc, Mutex};

use super::lock;
use crate::run::{BranchId, Run};

/// Saves a run each time its state has changed. This makes a run durable.
///
/// A drive *begins* all due nodes, saves the run, and only then executes the nodes. Therefore every node that
/// may be active is marked as begun in the last checkpoint. After a crash,
/// [`interrupt`](crate::run::Interpreter::interrupt) makes these nodes due again. They still count as possibly
/// done, in case the run is cancelled.
///
/// Data to save:
///
/// - [`Run::snapshot`]: everything except contexts, path and messages;
/// - [`Run::contexts`]. The context of a branch with an active step is borrowed and missing there. The context
///   that was saved when the step was begun remains valid, and a restored run needs it;
/// - the new part of [`State::path`](crate::run::State::path): a path only grows;
/// - [`Run::take_messages`]: runs of their own, to be saved in the same transaction as their sender.
///
/// `()` saves nothing and has no cost.
pub trait Checkpointer<Cx: Send>: Send {
    /// The error if a run could not be saved.
    type Error: Send;

    /// Saves the current state of the run. Completes once the state is safely stored.
    ///
    /// Active steps of branches continue meanwhile.
    ///
    /// # Errors
    ///
    /// If the run could not be saved. The drive ends: no further node is begun, and active steps of branches
    /// are dropped. The last checkpoint remains valid.
    fn checkpoint(&mut self, run: &mut Run<Cx>) -> impl Future<Output = Result<(), Self::Error>> + Send;

    /// Returns the context of a branch from the last checkpoint, before the attempt that has just failed and
    /// may have changed it. The run continues with it. `None` keeps the context as the attempt left it.
    fn context_before(&mut self, branch: BranchId) -> impl Future<Output = Option<Cx>> + Send {
        let _ = branch;
        ready(None)
    }
}

impl<Cx: Send> Checkpointer<Cx> for () {
    type Error = Infallible;

    fn checkpoint(&mut self, _: &mut Run<Cx>) -> impl Future<Output = Result<(), Infallible>> + Send {
        ready(Ok(()))
    }
}

/// A message, and the id of the run that sent it.
pub(super) type Sent<Cx> = (Arc<str>, Run<Cx>);

/// Hands over the messages of a run as they are sent.
pub(super) struct CollectMessages<'s, Cx>(pub(super) &'s Mutex<Vec<Sent<Cx>>>);

impl<Cx: Send> Checkpointer<Cx> for CollectMessages<'_, Cx> {
    type Error = Infallible;

    fn checkpoint(&mut self, run: &mut Run<Cx>) -> impl Future<Output = Result<(), Infallible>> + Send {
        if run.has_messages() {
            let messages = run.take_messages().into_iter();
            lock(self.0).extend(messages.map(|message| (Arc::clone(run.id()), message)));
        }
        ready(Ok(()))
    }
}
