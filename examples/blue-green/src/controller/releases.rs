//! The durable engine that runs releases and saves them in a file.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use flowgen::report::{PathEntry, Report, Status};
use flowgen::{Flow, Node as _, Scope, TokioClock};
use flowgen_sqlite::{Engine, Error, ListRuns, Started};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use serde::{Deserialize, Serialize};
use tokio::sync::{Mutex, MutexGuard};
use tokio::time::{sleep, timeout};

use crate::drawing::Node;
use crate::instance::Instance;
use crate::release::Release;
use crate::service::health::Readiness;
use crate::service::in_full;
use crate::service::metrics::{Metrics, OfStatus};
use crate::settings::Settings;
use crate::words::{Wait, Word, Words};

/// The pause before a halted release is resumed. It doubles up to the maximum.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// How long promoting a release waits for its end.
const PROMOTED_WITHIN: Duration = Duration::from_secs(10);

/// All releases, finished and unfinished. Clones share the same state.
#[derive(Clone, Debug)]
pub struct Releases {
    engine: Engine<Node, Release>,
    words: Words,
    /// Ready unless an unfinished release is halted.
    readiness: Readiness,
    /// Held while a release is begun, since only one can run at a time.
    beginning: Arc<Mutex<()>>,
    metrics: Metrics,
    by_status: Family<OfStatus, Gauge>,
}

/// The state and history of a release.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct View {
    /// The release id.
    pub id: String,
    /// The status.
    pub status: Status,
    /// The status in words, with the reason.
    pub outcome: String,
    /// The active nodes.
    pub at: Vec<String>,
    /// The reason for which the release waits.
    #[serde(default)]
    pub waiting: Option<Wait>,
    /// The path. A repeated step is listed once, as `Watch new version, 12 times`.
    pub walk: Vec<String>,
    /// The undone steps, in the order of undoing.
    pub undone: Vec<String>,
    /// The steps whose compensations failed.
    pub owed: Vec<Owed>,
    /// The progress of ending the old version after the new one went live.
    pub afterwards: Vec<String>,
    /// The release as it was last saved.
    pub release: Release,
}

/// A step whose compensation failed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Owed {
    /// The node id in the drawing. Operators refer to the step by it.
    pub step: String,
    /// The visit of the step.
    pub nth: u32,
    /// The label of the step.
    pub label: String,
    /// Why the compensation failed.
    pub fault: Option<String>,
}

/// Error from an operation on releases.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ReleasesError {
    /// There is no release with this id.
    #[error("there is no release `{0}`")]
    Unknown(String),
    /// The state of the release does not allow this operation.
    #[error("{0}")]
    Conflict(String),
    /// The engine failed.
    #[error(transparent)]
    Failed(Error),
}

impl From<Error> for ReleasesError {
    fn from(error: Error) -> Self {
        match error {
            Error::Unknown { run } => Self::Unknown(run),
            Error::NotStuck { .. } | Error::RunActive { .. } => Self::Conflict(error.to_string()),
            other => Self::Failed(other),
        }
    }
}

impl Releases {
    /// Opens the store of the releases and resumes the unfinished one.
    ///
    /// # Errors
    ///
    /// The file can't be opened, or is in use by another controller.
    pub async fn open<F>(settings: &Settings, flow: F, words: Words) -> Result<Self, ReleasesError>
    where
        F: Flow<Release, Node = Node> + Send + 'static,
    {
        let seed = u64::from(std::process::id());
        let (metrics, by_status) = (Metrics::default(), Family::default());
        metrics.register("releases", "Releases that are under way or stuck", by_status.clone());
        let runner = flowgen::Runner::new(flow, Node::ReleaseRequested.index())
            .clock(TokioClock)
            .retry(Scope::All, settings.retry.policy(seed))
            .observer(metrics.runs_of(Node::PLAN));
        let engine = Engine::open(settings.folder.join("releases.db"), runner).await?;
        // Restores an abort, so that the current step of an aborted release stops waiting.
        let unfinished = engine
            .list(ListRuns::with_statuses([Status::Refused, Status::Running, Status::RollingBack]))
            .await?;
        for called_off in unfinished.iter().filter(|summary| summary.cancelled) {
            words.say(&called_off.run, Word::Abort);
        }
        let resumed = engine.resume().await?;
        tracing::info!(releases = resumed.runs, refused = resumed.refused.len(), "resumed unfinished runs");
        let releases = Self {
            engine,
            words,
            readiness: Readiness::default(),
            beginning: Arc::default(),
            metrics,
            by_status,
        };
        for summary in unfinished {
            releases.keep_going(summary.run);
        }
        Ok(releases)
    }

    /// The metrics of the controller.
    #[must_use]
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// Updates the gauges of unfinished and stuck releases.
    ///
    /// # Errors
    ///
    /// The releases can't be read.
    pub async fn update_metrics(&self) -> Result<(), ReleasesError> {
        let unfinished =
            [("running", Status::Running), ("rolling_back", Status::RollingBack), ("stuck", Status::Stuck)];
        for (name, status) in unfinished {
            let count = self.engine.count(status).await?;
            self.by_status.get_or_create(&OfStatus { status: name }).set(count.cast_signed());
        }
        Ok(())
    }

    /// Begins a release with this id, once. Returns after it has been saved. Idempotent.
    ///
    /// # Errors
    ///
    /// Another release is running or stuck, or this one could not be saved and was not begun.
    pub async fn begin(&self, id: &str, version: &str) -> Result<(), ReleasesError> {
        self.begin_as(id, Release::new(version)).await
    }

    /// Begins a release whose version is not compared with the old one: it serves as soon as it has passed its
    /// smoke tests.
    ///
    /// # Errors
    ///
    /// The same as for [`Releases::begin`].
    pub async fn begin_skipping_watch(&self, id: &str, version: &str) -> Result<(), ReleasesError> {
        self.begin_as(id, Release::skipping_watch(version)).await
    }

    async fn begin_as(&self, id: &str, release: Release) -> Result<(), ReleasesError> {
        let _one_at_a_time = self.beginning.lock().await;
        match self.show(id).await {
            Err(ReleasesError::Unknown(_)) => {}
            begun => return begun.map(drop),
        }
        if let Some(other) = self.under_way().await? {
            return Err(ReleasesError::Conflict(format!("`{other}` is not over yet: see to it first")));
        }
        let (Started::New | Started::Existing) = self.engine.start(id, release).await?;
        self.keep_going(id.to_owned());
        Ok(())
    }

    /// Prevents releases from beginning until the result is dropped.
    pub(super) async fn hold(&self) -> MutexGuard<'_, ()> {
        self.beginning.lock().await
    }

    pub(super) fn readiness(&self) -> &Readiness {
        &self.readiness
    }

    /// Keeps a release running in the background until it ends. The engine halts a run that it can't save, for
    /// example if the disk is full. This task then resumes it until that succeeds.
    fn keep_going(&self, id: String) {
        let releases = self.clone();
        tokio::spawn(async move {
            let mut pause = FIRST_PAUSE;
            loop {
                let error = match releases.engine.ended(&id).await {
                    Ok(_) | Err(Error::Closed | Error::Unknown { .. }) => return,
                    Err(error) => error,
                };
                tracing::error!(release = id, %error, again = ?pause, "a release stopped, and is resumed");
                releases.readiness.set(false);
                let waiting = releases.words.wait(&id, Wait::Store(in_full(&error)));
                sleep(pause).await;
                drop(waiting);
                match releases.engine.resume().await {
                    Ok(resumed) if resumed.refused.is_empty() => {
                        releases.readiness.set(true);
                        pause = FIRST_PAUSE;
                    }
                    _ => pause = (pause * 2).min(LONGEST_PAUSE),
                }
            }
        });
    }

    /// The running or stuck release, or the run that ends its old version.
    ///
    /// # Errors
    ///
    /// The releases can't be read.
    pub async fn under_way(&self) -> Result<Option<String>, ReleasesError> {
        let unfinished = [Status::Stuck, Status::Refused, Status::Running, Status::RollingBack];
        let list = ListRuns::with_statuses(unfinished).limit(1);
        Ok(self.engine.list(list).await?.into_iter().next().map(|summary| summary.run))
    }

    /// Waits until a release has ended, and the old version, too, where it has to.
    ///
    /// # Errors
    ///
    /// There is no such release, or it could not be saved in the meantime.
    pub async fn through(&self, id: &str) -> Result<View, ReleasesError> {
        let _ = self.engine.ended(id).await?;
        self.show(id).await
    }

    /// The state and history of a release.
    ///
    /// # Errors
    ///
    /// There is no such release, or it can't be read.
    pub async fn show(&self, id: &str) -> Result<View, ReleasesError> {
        let shown = self.engine.show(id).await?;
        let mut afterwards = Vec::new();
        for message in &shown.messages {
            afterwards.push(self.engine.show(message).await?.report.summary);
        }
        let unreadable = |why: serde_json::Error| {
            ReleasesError::Failed(Error::Unreadable { run: id.to_owned(), source: Arc::new(why) })
        };
        let release = serde_json::from_value(shown.context).map_err(unreadable)?;
        let waiting = self.words.waiting(id);
        Ok(View { waiting, ..View::new(shown.report, afterwards, release) })
    }

    /// The latest releases, without the runs that end their old versions.
    ///
    /// # Errors
    ///
    /// The releases can't be read.
    pub async fn list(&self, most: usize) -> Result<Vec<View>, ReleasesError> {
        let runs = self.engine.list(ListRuns::all().limit(most)).await?;
        let mut views = Vec::new();
        for summary in runs.into_iter().filter(|summary| summary.sender.is_none()).take(most) {
            views.push(self.show(&summary.run).await?);
        }
        Ok(views)
    }

    /// Promotes a release that is watched or paused. Returns after it has ended, or after 10 s.
    ///
    /// # Errors
    ///
    /// The release is neither watched nor paused.
    pub async fn promote(&self, id: &str) -> Result<View, ReleasesError> {
        let watched = [Node::WatchNewVersion, Node::PromoteEarly, Node::AsGoodAsTheOld];
        let view = self.show(id).await?;
        let is_watched = watched.iter().any(|node| view.at.iter().any(|at| at == node.spec().label));
        let is_paused = matches!(view.waiting, Some(Wait::Operator(_)));
        if !is_watched && !is_paused {
            let why = format!("the release `{id}` is not being watched: it can't be promoted now");
            return Err(ReleasesError::Conflict(why));
        }
        self.words.say(id, Word::Promote);
        // A release that waits for something else at the moment is promoted when it continues.
        let _ = timeout(PROMOTED_WITHIN, self.engine.outcome(id)).await;
        self.show(id).await
    }

    /// Aborts a release: the old version serves again. Returns when the abort is saved, while the rollback
    /// continues.
    ///
    /// # Errors
    ///
    /// The release has ended.
    pub async fn abort(&self, id: &str) -> Result<View, ReleasesError> {
        if !self.engine.cancel(id).await? {
            return Err(ReleasesError::Conflict(format!(
                "the release `{id}` is through: it can't be called off"
            )));
        }
        self.words.say(id, Word::Abort);
        self.show(id).await
    }

    /// Retries the failed compensations of a release.
    ///
    /// # Errors
    ///
    /// The release is not stuck, or there is none with this id.
    pub async fn retry(&self, id: &str) -> Result<View, ReleasesError> {
        self.engine.retry(id).await?;
        self.keep_going(id.to_owned());
        self.show(id).await
    }

    /// Records that an operator has undone a step manually.
    ///
    /// # Errors
    ///
    /// This step is not stuck, or there is no release with this id.
    pub async fn resolve(&self, id: &str, step: &str, nth: u32) -> Result<View, ReleasesError> {
        let unknown = || ReleasesError::Conflict(format!("the drawing has no step `{step}`"));
        self.engine.resolve(id, Node::find(step).ok_or_else(unknown)?, nth).await?;
        self.show(id).await
    }

    /// Gives the release `grace` to finish its current step, and closes the file.
    pub async fn close(&self, grace: Duration) {
        let interrupted = self.engine.shutdown(grace).await;
        tracing::info!(interrupted, "unfinished releases continue after the next start");
    }
}

impl fmt::Display for View {
    /// A summary for operators, one item per line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, status, outcome, at, waiting, walk, undone, owed, afterwards, release } = self;
        let or_nobody = |instance: &Option<Instance>| {
            instance.as_ref().map_or_else(|| "no version".to_owned(), ToString::to_string)
        };
        if *id == release.version {
            writeln!(f, "{id}: {status}")?;
        } else {
            writeln!(f, "{} ({id}): {status}", release.version)?;
        }
        writeln!(f, "  old      {}", or_nobody(&release.old))?;
        writeln!(f, "  new      {}", or_nobody(&release.new))?;
        if status.is_over() {
            writeln!(f, "  outcome  {outcome}")?;
        } else {
            writeln!(f, "  at       {}", at.join(", "))?;
        }
        if let Some(waiting) = waiting {
            writeln!(f, "  {waiting}")?;
        }
        if let Some(why) = &release.not_compared {
            writeln!(f, "  watch    skipped: {why}")?;
        }
        if let Some(why) = &release.objection {
            writeln!(f, "  because  {why}")?;
        }
        if !undone.is_empty() {
            writeln!(f, "  undone   {}", undone.join(", "))?;
        }
        for Owed { step, nth, label, fault } in owed {
            writeln!(f, "  owed     {label} ({step}/{nth}): {}", fault.as_deref().unwrap_or("?"))?;
        }
        for outcome in afterwards {
            writeln!(f, "  then     {outcome}")?;
        }
        write!(f, "  walked   {}", walk.join(" → "))
    }
}

impl View {
    fn new(report: Report, afterwards: Vec<String>, release: Release) -> Self {
        let owed = report.stuck.into_iter().map(|debt| Owed {
            step: debt.node.id,
            nth: debt.visit,
            label: debt.node.label,
            fault: debt.fault,
        });
        Self {
            id: report.run,
            status: report.status,
            outcome: report.summary,
            waiting: None,
            at: report.at.into_iter().map(|active| active.node.label).collect(),
            walk: walk(&report.path),
            undone: report.undone.into_iter().map(|step| step.label).collect(),
            owed: owed.collect(),
            afterwards,
            release,
        }
    }
}

/// Each node of the path once, ordered by its first visit.
fn walk(path: &[PathEntry]) -> Vec<String> {
    let mut stops: Vec<(String, u32)> = Vec::new();
    for stop in path.iter().map(PathEntry::to_string) {
        match stops.iter_mut().find(|(known, _)| *known == stop) {
            Some((_, times)) => *times += 1,
            None => stops.push((stop, 1)),
        }
    }
    let told =
        |(stop, times): (String, u32)| if times == 1 { stop } else { format!("{stop}, {times} times") };
    stops.into_iter().map(told).collect()
}
