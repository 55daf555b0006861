//! The engine: durable runs of one flow, in one file.

mod active_runs;
mod closing;
mod contexts;
mod drawings;
mod driver;
mod load;
mod operator;
mod options;
mod outcome;
mod query;
mod recover;
mod refusals;
mod requests;
mod resuming;
mod run_writer;

use std::collections::VecDeque;
use std::fmt;
use std::marker::PhantomData;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use flowgen::run::{Interpreter, Run};
use flowgen::{Flow, Node, Observer, Outcome, Runner, Timing};
use rusqlite::Connection;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::oneshot;
use tokio::sync::watch::Receiver;

use crate::entry::Entry;
use crate::error::Error;
use crate::store::{self, Held, Store, Write};
use crate::time::{self, Wall};
use active_runs::{ActiveRuns, Claim, Claimed, DriveGuard, Progress, wait_until_driven, wait_until_released};
use contexts::{Contexts, Origin};
use drawings::{Drawings, Loaded, PathScope};
use driver::{Driver, Messages};
pub use load::Load;
pub use operator::Retried;
pub use options::Options;
pub(crate) use query::show;
pub use query::{ListRuns, RunDetails};
use refusals::Refusals;
use run_writer::{Message, RunWriter, StopReason};

/// Executes the runs of one flow durably: they are saved in one file, and survive this process.
///
/// A run is saved before its first step and after each one. After a crash, at any point,
/// [`resume`](Engine::resume) continues every run that is not over: finished steps are not called again, and the
/// step that was interrupted is called again, under the same idempotency key.
///
/// Created by [`Engine::open`]. An `Engine` is a handle, and its clones share one engine. When the last handle is
/// dropped, runs stop as in a crash; [`shutdown`](Engine::shutdown) lets them finish their current steps.
///
/// Methods that need a Tokio runtime say so. Runs continue in the runtime of the call.
pub struct Engine<N: Node, Cx> {
    inner: Arc<Inner<N, Cx>>,
    alive: Arc<Alive<N>>,
}

/// An engine that is being opened. See [`Engine::open`].
///
/// Boxed, because rustc reports a missing lane once for a call that returns this type, and again at the
/// `.await` for one that returns an opaque future.
pub type Opening<N, Cx> = Pin<Box<dyn Future<Output = Result<Engine<N, Cx>, Error>> + Send>>;

struct Inner<N: Node, Cx> {
    store: Arc<Store>,
    runner: Box<dyn Driver<Cx>>,
    /// The number of the program's drawing and context version in the file.
    drawing: i64,
    drawings: Arc<Drawings>,
    contexts: Contexts<Cx>,
    refusals: Arc<Refusals>,
    active: Arc<ActiveRuns<N>>,
    node: PhantomData<fn() -> N>,
}

/// Stops all runs when the last handle is dropped.
#[derive(Debug)]
struct Alive<N: Node>(Arc<ActiveRuns<N>>);

impl<N: Node> Drop for Alive<N> {
    fn drop(&mut self) {
        self.0.close();
        self.0.abort();
    }
}

impl<N: Node, Cx> Clone for Engine<N, Cx> {
    fn clone(&self) -> Self {
        Self { inner: Arc::clone(&self.inner), alive: Arc::clone(&self.alive) }
    }
}

impl<N: Node, Cx> fmt::Debug for Engine<N, Cx> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("path", &self.path()).finish_non_exhaustive()
    }
}

/// The result of starting a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "there may have been a run with this id already"]
pub enum Started {
    /// A new run was started, and is saved.
    New,
    /// A run with this id existed already, and is unchanged.
    Existing,
}

/// The result of [`Engine::resume`].
#[derive(Clone, Debug, Default)]
#[must_use = "refused runs do not continue until an operator settles them"]
pub struct Resumed {
    /// The number of runs that continue.
    pub runs: usize,
    /// Why other runs don't continue. Each error names its run, which stays unchanged.
    pub refused: Vec<Error>,
}

/// The result of looking up a run to continue it.
enum Found<N: Node, Cx> {
    /// The run was read, and may be driven.
    Mine(Claim<N>, Box<Loaded<Cx>>),
    ByOther(Receiver<Progress<N>>),
    /// The run is over, or does not exist any more.
    Nothing,
}

impl<N: Node, Cx> Engine<N, Cx> {
    /// Opens the file for the runs of a flow, and creates it if it does not exist. No run continues before
    /// [`Engine::resume`] is called.
    ///
    /// The runner has the retries, timeouts, limits, the observer and the start node. It has to own its flow;
    /// `into_runner`, a method of generated flows, creates one. Needs a Tokio runtime.
    ///
    /// # Errors
    ///
    /// If another process has the file open, if the file was not written by this crate or has a newer version than
    /// this program, if it has several names (hard links), or if it can't be written.
    pub fn open<F, T, O>(path: impl AsRef<Path>, runner: Runner<F, T, O>) -> Opening<N, Cx>
    where
        F: Flow<Cx, Node = N> + Send + 'static,
        T: Timing + Send + 'static,
        O: Observer + Send + 'static,
        Cx: Serialize + DeserializeOwned + Send + 'static,
    {
        Self::open_with(path, runner, Options::default())
    }

    /// Like [`Engine::open`], for a file whose runs may have been saved by another version of the program: with
    /// other contexts, or with a drawing in which they passed steps that they reach again in this one.
    ///
    /// # Errors
    ///
    /// The errors of [`Engine::open`].
    pub fn open_with<F, T, O>(
        path: impl AsRef<Path>,
        runner: Runner<F, T, O>,
        options: Options<N, Cx>,
    ) -> Opening<N, Cx>
    where
        F: Flow<Cx, Node = N> + Send + 'static,
        T: Timing + Send + 'static,
        O: Observer + Send + 'static,
        Cx: Serialize + DeserializeOwned + Send + 'static,
    {
        Box::pin(Self::open_file(path.as_ref().to_owned(), time::wall, Box::new(runner), options))
    }

    async fn open_file(
        path: PathBuf,
        wall: Wall,
        runner: Box<dyn Driver<Cx>>,
        options: Options<N, Cx>,
    ) -> Result<Self, Error>
    where
        Cx: Serialize + DeserializeOwned + Send + 'static,
    {
        let Options { repeats, contexts, .. } = options;
        let opening = tokio::task::spawn_blocking(move || Store::open(&path, wall));
        let store = Arc::new(opening.await.unwrap_or(Err(Error::Closed))?);
        let text = Entry::text(N::PLAN, contexts.version)?;
        let written = store.write(Write::Drawing(text)).await?;
        let active = Arc::new(ActiveRuns::new());
        let inner = Inner {
            store,
            runner,
            drawing: written.first().copied().ok_or(Error::Closed)?,
            drawings: Arc::new(Drawings::new(N::PLAN, repeats)),
            contexts,
            refusals: Arc::default(),
            active: Arc::clone(&active),
            node: PhantomData,
        };
        let inner = Arc::new(inner);
        tokio::spawn(recover::recover(Arc::clone(&active), Arc::downgrade(&inner)));
        Ok(Self { inner, alive: Arc::new(Alive(active)) })
    }

    /// Returns the path of the file.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.inner.store.path()
    }

    /// Lets every run finish its current step, saves it, and closes the file. Returns how many runs were not done
    /// after `grace`: these are interrupted, and call that step again when they are resumed.
    ///
    /// All other handles of this engine can't be used afterwards. Needs a Tokio runtime.
    pub async fn shutdown(&self, grace: Duration) -> usize {
        let Inner { active, store, .. } = &*self.inner;
        active.close();
        let all_given_up = async {
            for progress in active.driven() {
                wait_until_released(progress).await;
            }
        };
        let _ = tokio::time::timeout(grace, all_given_up).await;
        let interrupted = active.abort();
        for progress in active.driven() {
            wait_until_released(progress).await;
        }
        store.close().await;
        interrupted
    }
}

impl<N, Cx> Engine<N, Cx>
where
    N: Node,
    Cx: Serialize + DeserializeOwned + Send + 'static,
{
    /// Starts a run at the runner's start node, and returns once it is saved. It then continues in the background.
    ///
    /// The caller chooses the id, such as the id of the order or the request. Starting the same id twice starts
    /// one run, even if the contexts differ. The ids of messages and the idempotency keys of steps begin with it.
    ///
    /// # Errors
    ///
    /// If the run could not be saved; it was not started then. [`Error::Closed`] if the engine is shut down
    /// meanwhile: the run may be in the file then, and continues with the others when they are resumed.
    pub async fn start(&self, id: impl Into<Arc<str>>, cx: Cx) -> Result<Started, Error> {
        let id = id.into();
        self.begin(&id, || self.inner.runner.start(Arc::clone(&id), cx)).await
    }

    /// Like [`Engine::start`], from the given start of the drawing.
    ///
    /// # Errors
    ///
    /// The errors of [`Engine::start`].
    pub async fn start_at(&self, start: N, id: impl Into<Arc<str>>, cx: Cx) -> Result<Started, Error> {
        let id = id.into();
        let interpreter = self.inner.runner.interpreter();
        self.begin(&id, || interpreter.start(Arc::clone(&id), start.index(), cx)).await
    }

    async fn begin(&self, id: &Arc<str>, run: impl FnOnce() -> Run<Cx>) -> Result<Started, Error> {
        let claim = loop {
            match self.inner.active.claim_new(id)? {
                Claimed::Mine(claim) => break claim,
                Claimed::ByOther(progress) => {
                    if wait_until_driven(progress).await {
                        return Ok(Started::Existing);
                    }
                }
            }
        };
        let writer = RunWriter::new(Arc::clone(&self.inner.store), self.inner.drawing);
        self.inner.drive_saved(claim, run(), writer).await
    }
}

impl<N, Cx> Inner<N, Cx>
where
    N: Node,
    Cx: Serialize + DeserializeOwned + Send + 'static,
{
    /// Claims a run, then reads it, in this order: until the claim, a previous driver may have advanced it.
    fn find(&self, from: &Connection, seq: i64) -> Result<Found<N, Cx>, Error> {
        let Some(id) = store::id(from, seq)? else { return Ok(Found::Nothing) };
        let claim = match self.active.claim(&Arc::from(id.as_str()))? {
            Claimed::Mine(claim) => claim,
            Claimed::ByOther(progress) => return Ok(Found::ByOther(progress)),
        };
        // If the run was deleted, its number may have been reused for another one.
        let stored = store::by_seq(from, seq)?.filter(|stored| stored.summary.run == id);
        let Some(stored) = stored.filter(|stored| !stored.summary.status.is_over()) else {
            return Ok(Found::Nothing);
        };
        let read = |origin: Origin<'_>, text: &RawValue| self.contexts.read(origin, text);
        let loaded =
            self.drawings.load(from, &stored, PathScope::Unobserved, self.runner.interpreter(), read)?;
        if loaded.cancelled {
            claim.requests.cancel.make();
        }
        Ok(Found::Mine(claim, Box::new(loaded)))
    }

    fn go_on(self: &Arc<Self>, claim: Claim<N>, loaded: Loaded<Cx>) {
        claim.goes_on();
        let writer = self.writer(&loaded);
        self.drive(claim, loaded.run, writer);
    }

    fn writer<C>(&self, loaded: &Loaded<C>) -> RunWriter {
        let Loaded { seq, in_table, rewrite_path, saved_as, changed, length, .. } = *loaded;
        let writer = RunWriter::new(Arc::clone(&self.store), self.drawing);
        RunWriter {
            seq: Some(seq),
            in_table,
            rewrite_path,
            saved_as: Some(saved_as),
            changed,
            length,
            ..writer
        }
    }

    /// Drives a run in the background, and returns the result of the next save.
    async fn drive_saved(
        self: &Arc<Self>,
        claim: Claim<N>,
        run: Run<Cx>,
        mut writer: RunWriter,
    ) -> Result<Started, Error> {
        let (sender, saved) = oneshot::channel();
        let (active, id) = (Arc::clone(&self.active), Arc::clone(run.id()));
        writer.on_saved = Some(Box::new(move |started| {
            if matches!(started, Ok(Started::New)) {
                active.goes_on(&id);
            }
            // The caller may have dropped its future.
            let _ = sender.send(started);
        }));
        self.drive(claim, run, writer);
        saved.await.unwrap_or(Err(Error::Closed))
    }

    /// Drives a run in its own task.
    fn drive(self: &Arc<Self>, claim: Claim<N>, mut run: Run<Cx>, mut writer: RunWriter) {
        let (id, progress) = (Arc::clone(run.id()), claim.progress.clone());
        let (inner, claim) = (Arc::clone(self), Arc::new(claim));
        writer.held = Some(Arc::clone(&claim) as Held);
        let driving = DriveGuard(claim);
        writer.may_block = Handle::current().runtime_flavor() == RuntimeFlavor::MultiThread;
        let task = tokio::spawn(async move {
            let claim = &driving.0;
            let mut messages = Sent { inner: &inner, claims: VecDeque::new() };
            let driven = inner.runner.drive(&mut run, &mut writer, &mut messages, &claim.requests);
            match driven.await {
                Ok(()) => {
                    if let Some(ending) = run.state().ending() {
                        claim.over(Outcome::new(run.state(), ending));
                    }
                }
                Err(StopReason::Failed(error)) => {
                    tracing::error!(run = %run.id(), error = &error as &dyn std::error::Error, "a run stopped before it was over");
                    // A run that is not in the file was not started.
                    if writer.seq.is_some() {
                        claim.halted(error);
                    }
                }
                Err(StopReason::Exists) => {}
            }
        });
        self.active.driven_by(&id, &progress, task.abort_handle());
    }
}

/// Drives the messages of a run.
struct Sent<'i, N: Node, Cx> {
    inner: &'i Arc<Inner<N, Cx>>,
    /// Claims of messages that are being saved, so that a cancel request just after the save finds its run.
    claims: VecDeque<Option<Claim<N>>>,
}

impl<N, Cx> Messages<Cx> for Sent<'_, N, Cx>
where
    N: Node,
    Cx: Serialize + DeserializeOwned + Send + 'static,
{
    fn claim(&mut self, message: &Arc<str>) {
        let claim = match self.inner.active.claim(message) {
            Ok(Claimed::Mine(claim)) => Some(claim),
            Ok(Claimed::ByOther(_)) | Err(_) => None,
        };
        self.claims.push_back(claim);
    }

    fn saved(&mut self, message: Message<Cx>) {
        let inner = Arc::clone(self.inner);
        if let Some(claim) = self.claims.pop_front().flatten() {
            claim.goes_on();
            let writer = RunWriter::sent(Arc::clone(&inner.store), inner.drawing, &message);
            inner.drive(claim, message.run, writer);
            return;
        }
        // Another call has claimed the id, to see whether such a run exists. Or the engine is shut down: the run
        // then continues when the file is opened the next time.
        tokio::spawn(async move {
            match inner.take_up(message.seq).await {
                Ok(_) | Err(Error::Closed) => {}
                Err(error) => {
                    tracing::error!(run = %message.run.id(), error = &error as &dyn std::error::Error, "a message does not go on");
                    inner.active.halted(message.run.id(), error);
                }
            }
        });
    }
}

/// Returns an interpreter that leaves contexts as text, for reading runs.
fn looking<N: Node>() -> Interpreter<Box<RawValue>> {
    Interpreter::new(N::PLAN, |_| None, |_, _| ())
}

#[expect(clippy::unnecessary_wraps, reason = "other contexts may not be what is wanted")]
fn as_text(_: Origin<'_>, text: &RawValue) -> Result<Box<RawValue>, Error> {
    Ok(text.to_owned())
}
