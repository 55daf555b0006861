//! A runner without its type parameters: the flow, the timing and the observer.

use std::pin::Pin;
use std::sync::Arc;

use flowgen::run::{Interpreter, Run};
use flowgen::{Flow, Observer, Runner, Timing};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::requests::Requests;
use super::run_writer::{Checkpoints, Message, RunWriter, StopReason};

/// Drives the messages that a run sends.
pub(super) trait Messages<Cx>: Send {
    /// Claims a message that is about to be saved, so that no other call drives it after the save.
    fn claim(&mut self, message: &Arc<str>);

    /// Takes a message that was saved. Called in the order of the claims.
    fn saved(&mut self, message: Message<Cx>);
}

/// Drives runs with contexts of this type.
pub(super) trait Driver<Cx>: Send + Sync {
    fn interpreter(&self) -> Interpreter<Cx>;

    /// Creates a run at the runner's start node.
    fn start(&self, id: Arc<str>, cx: Cx) -> Run<Cx>;

    /// Drives a run until it is over or paused.
    fn drive<'r>(
        &'r self,
        run: &'r mut Run<Cx>,
        writer: &'r mut RunWriter,
        messages: &'r mut dyn Messages<Cx>,
        requests: &'r Requests,
    ) -> Pin<Box<dyn Future<Output = Result<(), StopReason>> + Send + 'r>>;
}

impl<F, T, O, Cx> Driver<Cx> for Runner<F, T, O>
where
    F: Flow<Cx> + Send,
    T: Timing + Send,
    O: Observer + Send,
    Cx: Serialize + DeserializeOwned + Send + 'static,
{
    fn interpreter(&self) -> Interpreter<Cx> {
        Interpreter::for_flow::<F>()
    }

    fn start(&self, id: Arc<str>, cx: Cx) -> Run<Cx> {
        Runner::start(self, id, cx)
    }

    fn drive<'r>(
        &'r self,
        run: &'r mut Run<Cx>,
        writer: &'r mut RunWriter,
        messages: &'r mut dyn Messages<Cx>,
        requests: &'r Requests,
    ) -> Pin<Box<dyn Future<Output = Result<(), StopReason>> + Send + 'r>> {
        Box::pin(async move {
            let mut checkpoints = Checkpoints { writer, messages };
            let (cancel, pause) = (requests.cancel.made(), requests.pause.made());
            self.drive_with(run, &mut checkpoints, cancel, pause).await.map(drop)
        })
    }
}
