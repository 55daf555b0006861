//! The engine: durable runs of one flow, in one file.

mod closing;
mod contexts;
mod drawings;
mod driver;
mod keeping;
mod live;
mod load;
mod look;
mod mend;
mod options;
mod recover;
mod refusals;
mod request;
mod resuming;
mod wait;

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
use contexts::{Contexts, Origin};
use drawings::{Drawings, Loaded, Path as Walked};
use driver::{Driver, Messages};
use keeping::{Halt, Keeping, Message};
use live::{Claim, Claimed, Driving, Live, Progress, given_up, going_on};
pub use load::Load;
pub(crate) use look::show;
pub use look::{List, Shown};
pub use mend::Retried;
pub use options::Options;
use refusals::Refusals;

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
    live: Arc<Live<N>>,
    node: PhantomData<fn() -> N>,
}

/// Stops all runs when the last handle is dropped.
#[derive(Debug)]
struct Alive<N: Node>(Arc<Live<N>>);

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
    Anew,
    /// A run with this id existed already, and is unchanged.
    Already,
}

/// The result of [`Engine::resume`].
#[derive(Clone, Debug, Default)]
#[must_use = "runs that were refused stay where they are until somebody sees to them"]
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
    Anothers(Receiver<Progress<N>>),
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
        let live = Arc::new(Live::new());
        let inner = Inner {
            store,
            runner,
            drawing: written.first().copied().ok_or(Error::Closed)?,
            drawings: Arc::new(Drawings::new(N::PLAN, repeats)),
            contexts,
            refusals: Arc::default(),
            live: Arc::clone(&live),
            node: PhantomData,
        };
        let inner = Arc::new(inner);
        tokio::spawn(recover::recover(Arc::clone(&live), Arc::downgrade(&inner)));
        Ok(Self { inner, alive: Arc::new(Alive(live)) })
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
        let Inner { live, store, .. } = &*self.inner;
        live.close();
        let all_given_up = async {
            for progress in live.driven() {
                given_up(progress).await;
            }
        };
        let _ = tokio::time::timeout(grace, all_given_up).await;
        let interrupted = live.abort();
        for progress in live.driven() {
            given_up(progress).await;
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
            match self.inner.live.claim_new(id)? {
                Claimed::Mine(claim) => break claim,
                Claimed::Anothers(progress) => {
                    if going_on(progress).await {
                        return Ok(Started::Already);
                    }
                }
            }
        };
        let keeping = Keeping::new(Arc::clone(&self.inner.store), self.inner.drawing);
        self.inner.drive_saved(claim, run(), keeping).await
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
        let claim = match self.live.claim(&Arc::from(id.as_str()))? {
            Claimed::Mine(claim) => claim,
            Claimed::Anothers(progress) => return Ok(Found::Anothers(progress)),
        };
        // If the run was deleted, its number may have been reused for another one.
        let kept = store::by_seq(from, seq)?.filter(|kept| kept.summary.run == id);
        let Some(kept) = kept.filter(|kept| !kept.summary.status.is_over()) else {
            return Ok(Found::Nothing);
        };
        let read = |origin: Origin<'_>, text: &RawValue| self.contexts.read(origin, text);
        let loaded = self.drawings.load(from, &kept, Walked::Untold, self.runner.interpreter(), read)?;
        if loaded.cancelled {
            claim.requests.cancel.make();
        }
        Ok(Found::Mine(claim, Box::new(loaded)))
    }

    fn go_on(self: &Arc<Self>, claim: Claim<N>, loaded: Loaded<Cx>) {
        claim.goes_on();
        let keeping = self.keeping(&loaded);
        self.drive(claim, loaded.run, keeping);
    }

    fn keeping<C>(&self, loaded: &Loaded<C>) -> Keeping {
        let Loaded { seq, apart, path_anew, stands, changed, length, .. } = *loaded;
        let keeping = Keeping::new(Arc::clone(&self.store), self.drawing);
        Keeping { seq: Some(seq), apart, path_anew, stands: Some(stands), changed, length, ..keeping }
    }

    /// Drives a run in the background, and returns the result of the next save.
    async fn drive_saved(
        self: &Arc<Self>,
        claim: Claim<N>,
        run: Run<Cx>,
        mut keeping: Keeping,
    ) -> Result<Started, Error> {
        let (told, saved) = oneshot::channel();
        let (live, id) = (Arc::clone(&self.live), Arc::clone(run.id()));
        keeping.next = Some(Box::new(move |started| {
            if matches!(started, Ok(Started::Anew)) {
                live.goes_on(&id);
            }
            // The caller may have dropped its future.
            let _ = told.send(started);
        }));
        self.drive(claim, run, keeping);
        saved.await.unwrap_or(Err(Error::Closed))
    }

    /// Drives a run in its own task.
    fn drive(self: &Arc<Self>, claim: Claim<N>, mut run: Run<Cx>, mut keeping: Keeping) {
        let (id, progress) = (Arc::clone(run.id()), claim.progress.clone());
        let (inner, claim) = (Arc::clone(self), Arc::new(claim));
        keeping.held = Some(Arc::clone(&claim) as Held);
        let driving = Driving(claim);
        keeping.may_block = Handle::current().runtime_flavor() == RuntimeFlavor::MultiThread;
        let task = tokio::spawn(async move {
            let claim = &driving.0;
            let mut messages = Sent { inner: &inner, claims: VecDeque::new() };
            let driven = inner.runner.drive(&mut run, &mut keeping, &mut messages, &claim.requests);
            match driven.await {
                Ok(()) => {
                    if let Some(ending) = run.state().ending() {
                        claim.over(Outcome::of(run.state(), ending));
                    }
                }
                Err(Halt::Failed(error)) => {
                    tracing::error!(run = %run.id(), error = &error as &dyn std::error::Error, "a run stopped before it was over");
                    // A run that is not in the file was not started.
                    if keeping.seq.is_some() {
                        claim.halted(error);
                    }
                }
                Err(Halt::Already) => {}
            }
        });
        self.live.driven_by(&id, &progress, task.abort_handle());
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
        let claim = match self.inner.live.claim(message) {
            Ok(Claimed::Mine(claim)) => Some(claim),
            Ok(Claimed::Anothers(_)) | Err(_) => None,
        };
        self.claims.push_back(claim);
    }

    fn saved(&mut self, message: Message<Cx>) {
        let inner = Arc::clone(self.inner);
        if let Some(claim) = self.claims.pop_front().flatten() {
            claim.goes_on();
            let keeping = Keeping::sent(Arc::clone(&inner.store), inner.drawing, &message);
            inner.drive(claim, message.run, keeping);
            return;
        }
        // Another call has claimed the id, to see whether such a run exists. Or the engine is shut down: the run
        // then continues when the file is opened the next time.
        tokio::spawn(async move {
            match inner.take_up(message.seq).await {
                Ok(_) | Err(Error::Closed) => {}
                Err(error) => {
                    tracing::error!(run = %message.run.id(), error = &error as &dyn std::error::Error, "a message does not go on");
                    inner.live.halted(message.run.id(), error);
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
