//! The bank: runs commands, queries, and the processing of events.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use flowgen::run::Interpreter;
use flowgen::{Node as _, Retry, RunResult, Runner, Scope, Timed, TokioClock};
use prometheus_client::metrics::gauge::Gauge;
use tokio::sync::watch;
use tokio::time::{Instant, timeout};
use uuid::Uuid;

use crate::BankFlow;
use crate::clock::Clock;
use crate::domain::{Command, Refusal, Seen};
use crate::drawing::{End, Lane, Node, Start};
use crate::history::Damage;
use crate::lanes::{Commands, EventStore, Follower, Outbox, Projection, Queries, Receiver};
use crate::service::metrics::{Metrics, RunsEnded};
use crate::store::{
    DeadLetter, Decision, Origin, Progress, Receipt, Recorded, Settle, Settled, Settlement, Store,
    StoreError, Views,
};
use crate::view::{Answer, Question};
use crate::work::Work;

/// The pause between two reads for events of other processes while a subscriber waits.
const OTHERS: Duration = Duration::from_millis(250);

/// The policy of a bank.
#[derive(Clone, Debug)]
pub struct Policy {
    /// How often a command is retried after a concurrent append to its account.
    pub tries: u32,
    /// The number of events after which a snapshot of an account is stored. 0 disables snapshots.
    pub snapshot_every: usize,
    /// The number of events applied to a view at once.
    pub batch: i64,
    /// How long a query waits for the view to reach the requested position.
    pub wait: Duration,
    /// How faulted steps are retried.
    pub retry: Retry,
    /// The maximum duration of a step.
    pub timeout: Duration,
    /// The receiver of messages.
    pub receiver: Receiver,
}

/// A bank. Clones share the same state.
#[derive(Clone, Debug)]
pub struct Bank(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    runner: Runner<BankFlow, Timed<TokioClock>, RunsEnded>,
    store: Store,
    clock: Clock,
    follower: Follower,
    metrics: Metrics,
    progress: Gauges,
    /// Whether subscribers still wait for events.
    waits: watch::Sender<bool>,
}

/// The gauges of [`Progress`].
#[derive(Clone, Debug, Default)]
struct Gauges {
    events: Gauge,
    live: Gauge,
    unsent: Gauge,
    dead_letters: Gauge,
}

/// The result of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Handled {
    /// The command was done.
    Done(Receipt),
    /// The command was already done. Nothing was changed.
    Before(Receipt),
    /// The account does not allow the command. Nothing was changed.
    Refused(Refusal),
    /// The id belongs to another command. Nothing was changed.
    OtherCommand,
    /// The account was changed concurrently. Nothing was changed by this command.
    InConflict,
    /// The account is not as the caller has seen it. Nothing was changed.
    NotAsSeen,
    /// The history of the account has a gap, or an event that can't be read. Nothing was decided.
    Damaged(Damage),
}

/// The result of a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// The answer, and the position of the last event that it shows.
    Answer(Answer, i64),
    /// There is no such account.
    Unknown,
    /// The view has not reached the requested position yet.
    TooEarly,
    /// The view can't reach the requested position because of this dead letter.
    HeldUp(DeadLetter),
}

/// Error from the bank. The result of a command is then unknown.
#[derive(Debug, thiserror::Error)]
pub enum BankError {
    /// A step faulted, and its retries did, too.
    #[error("{0}")]
    Failed(String),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A rebuild of the view is already running.
    #[error("the view is being rebuilt already")]
    Rebuilding,
}

impl Bank {
    /// Opens a bank on this database.
    ///
    /// # Errors
    ///
    /// The database fails.
    pub async fn open(store: Store, clock: &Clock, policy: Policy) -> Result<Self, StoreError> {
        let follower = Follower::new(store.views().await?.live_at);
        let flow = BankFlow {
            commands: Commands::new(&store, policy.tries, policy.snapshot_every),
            event_store: EventStore::new(&store, clock),
            projection: Projection::new(&store, clock, &follower, policy.batch),
            outbox: Outbox::new(&store, clock, policy.receiver),
            queries: Queries::new(&store, &follower, policy.wait),
        };
        let (metrics, progress) = (Metrics::default(), Gauges::default());
        metrics.register("event_position", "Position of the last event", progress.events.clone());
        let help = "Position of the last event that the live view shows";
        metrics.register("view_position", help, progress.live.clone());
        let help = "Messages that are not sent yet";
        metrics.register("outbox_unsent_messages", help, progress.unsent.clone());
        metrics.register("dead_letters", "Dead letters of the live view", progress.dead_letters.clone());
        let runner = flow.into_runner(Start::CommandReceived).clock(TokioClock);
        let runner = runner.observer(metrics.runs_of(Node::PLAN));
        let runner = runner.retry(Scope::All, policy.retry).timeout(Scope::All, policy.timeout);
        // A query may wait for its whole time, messages for their receiver, and a view of many accounts takes time
        // to be emptied.
        let runner = runner.timeout(Node::WaitForView, policy.wait.saturating_add(policy.timeout));
        let runner = runner.timeout(Lane::Outbox, Duration::from_secs(600));
        let runner = runner.timeout(Node::EmptySpareView, Duration::from_secs(600));
        Ok(Self(Arc::new(Inner {
            runner,
            store,
            clock: clock.clone(),
            follower,
            metrics,
            progress,
            waits: watch::Sender::new(true),
        })))
    }

    /// Handles a command. The processing of its events may continue after this returns.
    ///
    /// # Errors
    ///
    /// The outcome is unknown. The command can be sent again with the same id.
    pub async fn command(
        &self,
        id: String,
        account: String,
        command: Command,
        seen: Option<Seen>,
    ) -> Result<Handled, BankError> {
        self.command_from(Origin::default(), id, account, command, seen).await
    }

    /// Handles a command and stores its origin with the events.
    ///
    /// # Errors
    ///
    /// The outcome is unknown. The command can be sent again with the same id.
    pub async fn command_from(
        &self,
        origin: Origin,
        id: String,
        account: String,
        command: Command,
        seen: Option<Seen>,
    ) -> Result<Handled, BankError> {
        let known = [("id", Some(&id)), ("account", Some(&account))];
        let from = [("correlation", origin.correlation.as_ref()), ("who", origin.who.as_ref())];
        for (field, text) in known.into_iter().chain(from) {
            if text.is_some_and(|text| text.contains('\0')) {
                return Ok(Handled::Refused(Refusal::Nul { field }));
            }
        }
        let run = format!("command-{id}");
        let work = Work::command(id, account, command, seen).with_origin(origin);
        let ended = self.run(run, Start::CommandReceived, work).await?;
        let Work::Command(handling) = ended.1 else { return Err(lost("the command")) };
        let receipt = || handling.receipt.clone().ok_or_else(|| lost("the receipt"));
        Ok(match ended.0 {
            End::Done => Handled::Done(receipt()?),
            End::DoneBefore => Handled::Before(receipt()?),
            End::Refused => handling.decided.err().map_or(Handled::OtherCommand, Handled::Refused),
            End::HistoryDamaged => Handled::Damaged(handling.damage.ok_or_else(|| lost("the damage"))?),
            _ if handling.is_elsewhere => Handled::NotAsSeen,
            _ => Handled::InConflict,
        })
    }

    /// Answers a query once the view has reached at least this position.
    ///
    /// # Errors
    ///
    /// The view can't be read.
    pub async fn query(&self, question: Question, at_least: i64) -> Result<Told, BankError> {
        let run = format!("query-{}", Uuid::new_v4());
        let (end, work) = self.run(run, Start::QueryReceived, Work::query(question, at_least)).await?;
        let Work::Query(asking) = work else { return Err(lost("the query")) };
        Ok(match (end, asking.answer, asking.held_up) {
            (End::Answered, Some(answer), _) => Told::Answer(answer, asking.shows),
            (End::HeldUp, _, Some(letter)) => Told::HeldUp(letter),
            (End::TooEarly, ..) => Told::TooEarly,
            _ => Told::Unknown,
        })
    }

    /// Processes pending events and messages. Called at startup and regularly, because other processes may append
    /// events, too.
    ///
    /// # Errors
    ///
    /// A step faulted, and its retries did, too.
    pub async fn look(&self) -> Result<(), BankError> {
        let id = Uuid::new_v4();
        let projection = self.run(format!("projection-{id}"), Start::ProjectionWoken, Work::look());
        let outbox = self.run(format!("outbox-{id}"), Start::OutboxWoken, Work::look());
        let (projection, outbox) = tokio::join!(projection, outbox);
        projection.and(outbox).map(|_| ())
    }

    /// Rebuilds the view from all events while the live view answers queries, then switches to the new one.
    ///
    /// # Errors
    ///
    /// A rebuild is already running. The returned future fails if the database fails.
    pub fn begin_rebuild(&self) -> Result<impl Future<Output = Result<(), BankError>> + use<>, BankError> {
        let turn = self.0.follower.turn_to_rebuild().ok_or(BankError::Rebuilding)?;
        let (bank, run) = (self.clone(), format!("rebuild-{}", Uuid::new_v4()));
        Ok(async move { bank.run(run, Start::RebuildOrdered, Work::rebuild(turn)).await.map(|_| ()) })
    }

    /// The metrics of the service.
    #[must_use]
    pub fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    /// Updates the gauges of the event processing.
    ///
    /// # Errors
    ///
    /// The database fails.
    pub async fn update_metrics(&self) -> Result<(), BankError> {
        let Progress { events, live, unsent, dead_letters } = self.0.store.progress().await?;
        let gauges = &self.0.progress;
        gauges.events.set(events);
        gauges.live.set(live);
        gauges.unsent.set(unsent);
        gauges.dead_letters.set(dead_letters);
        Ok(())
    }

    /// The state of the views.
    ///
    /// # Errors
    ///
    /// The database fails.
    pub async fn views(&self) -> Result<Views, BankError> {
        Ok(self.0.store.views().await?)
    }

    /// The events that the live view can't apply.
    ///
    /// # Errors
    ///
    /// The database fails.
    pub async fn dead_letters(&self, limit: i64) -> Result<Vec<DeadLetter>, BankError> {
        let live = self.0.store.views().await?.live;
        Ok(self.0.store.dead_letters(live, limit).await?)
    }

    /// Retries or skips a dead letter of the live view. The events that waited behind it are applied as well.
    ///
    /// # Errors
    ///
    /// The database fails.
    pub async fn settle(
        &self,
        position: i64,
        decision: Decision,
        reason: String,
        who: Option<String>,
    ) -> Result<Settled, BankError> {
        let at = self.0.clock.now();
        Ok(self.0.store.settle(Settle { position, decision, reason, who, at }).await?)
    }

    /// The decisions of operators about dead letters, newest first.
    ///
    /// # Errors
    ///
    /// The database fails.
    pub async fn settlements(&self, limit: i64) -> Result<Vec<Settlement>, BankError> {
        Ok(self.0.store.settlements(limit).await?)
    }

    /// The events after a position.
    ///
    /// # Errors
    ///
    /// The database fails.
    pub async fn events(&self, after: i64, limit: i64) -> Result<Vec<Recorded>, BankError> {
        Ok(self.0.store.events_after(after, limit).await?)
    }

    /// The events after a position. If there is none, waits for one, at most for `wait` and until
    /// [`Bank::end_waits`].
    ///
    /// # Errors
    ///
    /// The database fails.
    pub async fn next_events(
        &self,
        after: i64,
        limit: i64,
        wait: Duration,
    ) -> Result<Vec<Recorded>, BankError> {
        // Subscribes before the events are read, so that an event in between ends the wait.
        let mut shows = self.0.follower.shows();
        let mut waits = self.0.waits.subscribe();
        let until = Instant::now() + wait;
        loop {
            shows.mark_unchanged();
            let events = self.events(after, limit).await?;
            let left = until.saturating_duration_since(Instant::now());
            if !events.is_empty() || limit == 0 || left.is_zero() || !*waits.borrow() {
                return Ok(events);
            }
            // Events of other processes do not end the wait.
            let woken = async {
                tokio::select! {
                    _ = shows.changed() => {}
                    _ = waits.wait_for(|waits| !waits) => {}
                }
            };
            let _ = timeout(left.min(OTHERS), woken).await;
        }
    }

    /// Ends the waits of [`Bank::next_events`], also of later calls. A service that stops calls it, so that no
    /// subscriber delays the stop.
    pub fn end_waits(&self) {
        self.0.waits.send_replace(false);
    }

    /// Runs the flow from one of its starts and spawns the messages that it sends.
    async fn run(&self, id: String, start: Start, work: Work) -> Result<(End, Work), BankError> {
        let Inner { runner, .. } = &*self.0;
        let mut run = Interpreter::for_flow::<BankFlow>().start(id, start as u32, work);
        let ending = runner.drive(&mut run, pending()).await;
        for message in run.take_messages() {
            let bank = self.clone();
            tokio::spawn(async move {
                let ended = bank.0.runner.finish(message, pending()).await;
                if !ended.outcome.is_completed() {
                    tracing::error!(run = %ended.run, outcome = %ended.outcome, "is looked for later");
                }
            });
        }
        let ended: RunResult<Node, Work> = RunResult::new(run, &ending, Vec::new());
        match ended.outcome {
            flowgen::Outcome::Completed { end } => Ok((end, ended.cx)),
            outcome => Err(BankError::Failed(outcome.to_string())),
        }
    }
}

fn lost(what: &str) -> BankError {
    BankError::Failed(format!("{what} was lost"))
}
