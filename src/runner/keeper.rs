//! Who keeps a run while it is driven.

use std::convert::Infallible;
use std::future::ready;
use std::sync::{Arc, Mutex};

use super::lock;
use crate::run::{PlaceId, Run};

/// Keeps a run each time it has moved: what makes a run durable.
///
/// A drive *begins* everything that is due, has the run kept, and only then does it. So in what is
/// kept, everything that may be being done is begun. After a crash
/// [`interrupt`](crate::run::Interpreter::interrupt) makes that due again, and it still counts as
/// something that may have been done, should the run be cancelled.
///
/// What to keep:
///
/// - [`Run::snapshot`], which has everything but contexts, path and messages;
/// - [`Run::contexts`]. A branch whose step is being done has lent its context, and it is missing
///   there: what was kept when the step was begun still holds, and a run that is read back needs it;
/// - of [`State::path`](crate::run::State::path) what was not kept yet: a path only grows;
/// - [`Run::take_messages`]: runs of their own, to be kept with the run that sent them or not at all.
///
/// `()` keeps nothing, and costs nothing.
pub trait Keeper<Cx: Send>: Send {
    /// Why a run was not kept.
    type Error: Send;

    /// Keeps the run as it is now, and is ready when that is safe.
    ///
    /// Steps that other branches are doing go on meanwhile.
    ///
    /// # Errors
    ///
    /// The run is not driven any further: nothing more is begun, and what branches were doing is
    /// dropped. What was kept last holds.
    fn keep(&mut self, run: &mut Run<Cx>) -> impl Future<Output = Result<(), Self::Error>> + Send;

    /// The context of a place as it was kept last: before the attempt there that has just failed, which may
    /// have changed it. The run goes on with it. None leaves the context as the attempt left it.
    fn context_before(&mut self, place: PlaceId) -> impl Future<Output = Option<Cx>> + Send {
        let _ = place;
        ready(None)
    }
}

impl<Cx: Send> Keeper<Cx> for () {
    type Error = Infallible;

    fn keep(&mut self, _: &mut Run<Cx>) -> impl Future<Output = Result<(), Infallible>> + Send {
        ready(Ok(()))
    }
}

/// A message, and the id of the run that sent it.
pub(super) type Sent<Cx> = (Arc<str>, Run<Cx>);

/// Hands over the messages of a run as they are sent.
pub(super) struct HandOver<'s, Cx>(pub(super) &'s Mutex<Vec<Sent<Cx>>>);

impl<Cx: Send> Keeper<Cx> for HandOver<'_, Cx> {
    type Error = Infallible;

    fn keep(&mut self, run: &mut Run<Cx>) -> impl Future<Output = Result<(), Infallible>> + Send {
        if run.has_messages() {
            let messages = run.take_messages().into_iter();
            lock(self.0).extend(messages.map(|message| (Arc::clone(run.id()), message)));
        }
        ready(Ok(()))
    }
}
