//! A breaker: its state machine, its counters and the methods that change its state.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use super::call::Rejected;
use super::counters::Counters;
use super::event::{Event, Listener, Metrics};
use super::gate::{Gate, Pass, State};
use super::outage::Outage;
use super::permit::Permit;
use super::settings::{InvalidSetting, Settings};
use super::sync::{AtomicU64, Ordering};
use super::window::Counts;

/// Guards a target. Clones share the same breaker.
///
/// # Examples
///
/// ```
/// use circuit_breaker::{Breaker, Settings, State};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let settings = Settings { minimum_calls: 2, ..Settings::default() };
/// let breaker = Breaker::new("inventory", settings)?;
/// for _ in 0..2 {
///     let call = async { Err::<(), _>(std::io::Error::other("out of order")) };
///     assert!(breaker.call(call).await.is_err());
/// }
/// assert_eq!(breaker.state(), State::Open);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Breaker(Arc<Core>);

/// A breaker that may have been dropped.
#[derive(Clone)]
pub(crate) struct WeakBreaker(Weak<Core>);

struct Core {
    target: Arc<str>,
    settings: Settings,
    gate: Gate,
    counters: Mutex<Counters>,
    /// The end of the current state, in nanoseconds after `created`, or `u64::MAX` if it has no deadline. A copy
    /// of [`Counters::deadline`] that a rejected call can read without the lock.
    deadline: AtomicU64,
    created: Instant,
    rejected: AtomicU64,
    /// Notifies the task of an outage of a new state or deadline.
    changes: watch::Sender<()>,
    listener: Option<Listener>,
}

/// A change of the state, to be reported after the lock was released.
#[must_use]
pub(crate) struct StateChange {
    from: State,
    to: State,
    counts: Counts,
    /// The outage that begins with this change.
    outage: Option<u64>,
}

impl Breaker {
    /// A closed breaker for this target.
    ///
    /// # Errors
    ///
    /// The first setting that is invalid.
    pub fn new(target: impl Into<Arc<str>>, settings: Settings) -> Result<Self, InvalidSetting> {
        Self::with_listener(target, settings, None)
    }

    /// A closed breaker that passes its events to `listener`.
    ///
    /// # Errors
    ///
    /// The first setting that is invalid.
    pub fn with_listener(
        target: impl Into<Arc<str>>,
        settings: Settings,
        listener: impl Into<Option<Listener>>,
    ) -> Result<Self, InvalidSetting> {
        settings.check()?;
        let created = Instant::now();
        Ok(Self(Arc::new(Core {
            target: target.into(),
            gate: Gate::new(),
            counters: Mutex::new(Counters::new(&settings, created)),
            settings,
            deadline: AtomicU64::new(u64::MAX),
            created,
            rejected: AtomicU64::new(0),
            changes: watch::Sender::new(()),
            listener: listener.into(),
        })))
    }

    /// The name of the target.
    #[must_use]
    pub fn target(&self) -> &str {
        &self.0.target
    }

    /// The settings.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// The current state. An open breaker whose open period has ended counts as half open.
    #[must_use]
    pub fn state(&self) -> State {
        self.advance();
        self.gate().state()
    }

    /// Admits a call, whose result is reported with [`Permit::record`].
    ///
    /// # Errors
    ///
    /// The breaker is open, or all its probes are in progress.
    pub fn admit(&self) -> Result<Permit, Rejected> {
        let probes = self.settings().probes;
        let entered = match self.gate().enter(probes) {
            // The state may have ended by now. It is compared with the clock here, so that no timer is needed.
            Err(_) if self.advance() => self.gate().enter(probes),
            entered => entered,
        };
        match entered {
            Ok(pass) => {
                if pass.state == State::HalfOpen {
                    self.start_probe_deadline(pass);
                }
                Ok(Permit::new(self.clone(), pass))
            }
            Err(state) => Err(self.reject(state)),
        }
    }

    /// How long the breaker remains open, if it is open. Suitable as `Retry-After`.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        if self.state() != State::Open {
            return None;
        }
        let until = self.counters().deadline?;
        Some(until.saturating_duration_since(Instant::now()))
    }

    /// The counters of the breaker.
    #[must_use]
    pub fn metrics(&self) -> Metrics {
        let state = self.state();
        let mut counters = self.counters();
        let totals = counters.totals;
        Metrics {
            state,
            window: counters.window.counts(Instant::now()),
            successes: totals.successes,
            failures: totals.failures,
            slow: totals.slow,
            ignored: totals.ignored,
            dropped: totals.dropped,
            panicked: totals.panicked,
            rejected: self.0.rejected.load(Ordering::Relaxed),
            opened: totals.opened,
        }
    }

    /// Rejects all calls until [`Breaker::reset`].
    pub fn force_open(&self) {
        self.overrule(State::ForcedOpen);
    }

    /// Admits all calls and counts nothing, until [`Breaker::reset`].
    pub fn disable(&self) {
        self.overrule(State::Disabled);
    }

    /// Closes the breaker and empties its window.
    pub fn reset(&self) {
        self.overrule(State::Closed);
    }

    fn overrule(&self, to: State) {
        let change = {
            let mut counters = self.counters();
            counters.outage += 1;
            self.change(&mut counters, to)
        };
        self.report(&change);
    }

    pub(crate) fn reject(&self, state: State) -> Rejected {
        self.0.rejected.fetch_add(1, Ordering::Relaxed);
        let target = Arc::clone(&self.0.target);
        self.notify(&Event::Rejected { target: &target, state });
        Rejected { target, state }
    }

    /// Ends the current state if its deadline has passed. Returns whether it did.
    ///
    /// An open breaker becomes half open. A half-open one whose probes are overdue opens again.
    pub(crate) fn advance(&self) -> bool {
        let now = Instant::now();
        if self.nanos(now) < self.0.deadline.load(Ordering::Acquire) {
            return false;
        }
        let change = {
            let mut counters = self.counters();
            if counters.deadline.is_none_or(|deadline| now < deadline) {
                return false;
            }
            match self.gate().state() {
                State::Open => self.change(&mut counters, State::HalfOpen),
                State::HalfOpen => self.open(&mut counters, now),
                State::Closed | State::ForcedOpen | State::Disabled => return false,
            }
        };
        self.report(&change);
        true
    }

    /// Bounds how long a half-open breaker waits for the result of its probes.
    fn start_probe_deadline(&self, pass: Pass) {
        let mut counters = self.counters();
        if self.gate().epoch() == pass.epoch && counters.deadline.is_none() {
            self.set_deadline(&mut counters, Some(Instant::now() + self.settings().half_open_for));
            drop(counters);
            self.0.changes.send_replace(());
        }
    }

    /// Sets when the current state ends. The lock keeps both copies equal.
    pub(crate) fn set_deadline(&self, counters: &mut Counters, deadline: Option<Instant>) {
        counters.deadline = deadline;
        let nanos = deadline.map_or(u64::MAX, |deadline| self.nanos(deadline));
        self.0.deadline.store(nanos, Ordering::Release);
    }

    /// Nanoseconds since the breaker was created. A `u64` is enough for 584 years.
    fn nanos(&self, at: Instant) -> u64 {
        u64::try_from(at.saturating_duration_since(self.0.created).as_nanos()).unwrap_or(u64::MAX)
    }

    /// Begins a new epoch in another state. The lock excludes concurrent changes.
    pub(crate) fn change(&self, counters: &mut Counters, to: State) -> StateChange {
        let from = self.gate().state();
        let counts = match from {
            State::HalfOpen => counters.probes,
            _ => counters.window.counts(Instant::now()),
        };
        counters.begin_epoch(to);
        self.set_deadline(counters, None);
        self.gate().change(to);
        StateChange { from, to, counts, outage: None }
    }

    /// Opens the breaker for its next open period. If it was closed, a new outage begins.
    pub(crate) fn open(&self, counters: &mut Counters, now: Instant) -> StateChange {
        let is_outage = self.gate().state() == State::Closed;
        let period = counters.next_open_period(self.settings());
        let change = self.change(counters, State::Open);
        self.set_deadline(counters, Some(now + period));
        counters.outage += u64::from(is_outage);
        StateChange { outage: is_outage.then_some(counters.outage), ..change }
    }

    /// Reports a change to the log, the listener and the task of the outage. Starts that task if an outage begins.
    pub(crate) fn report(&self, StateChange { from, to, counts, outage }: &StateChange) {
        let (from, to, target) = (*from, *to, self.target());
        let Counts { calls, failures, slow } = *counts;
        tracing::warn!(breaker = target, %from, %to, calls, failures, slow, "circuit breaker changed");
        self.notify(&Event::Changed { target, from, to, counts: *counts });
        self.0.changes.send_replace(());
        if let (Some(outage), Ok(runtime)) = (outage, tokio::runtime::Handle::try_current()) {
            runtime.spawn(Outage::new(self, *outage).follow());
        }
    }

    /// Passes an event to the listener. A panic of the listener is logged, and does not reach the caller.
    pub(crate) fn notify(&self, event: &Event<'_>) {
        let Some(listener) = &self.0.listener else { return };
        if catch_unwind(AssertUnwindSafe(|| listener(event))).is_err() {
            tracing::error!(breaker = self.target(), "the listener of a circuit breaker panicked");
        }
    }

    pub(crate) fn changes(&self) -> watch::Receiver<()> {
        self.0.changes.subscribe()
    }

    pub(crate) fn gate(&self) -> &Gate {
        &self.0.gate
    }

    /// Locks the counters, even if a thread panicked while it held the lock.
    pub(crate) fn counters(&self) -> MutexGuard<'_, Counters> {
        self.0.counters.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn downgrade(&self) -> WeakBreaker {
        WeakBreaker(Arc::downgrade(&self.0))
    }
}

impl WeakBreaker {
    pub(crate) fn upgrade(&self) -> Option<Breaker> {
        self.0.upgrade().map(Breaker)
    }
}

impl fmt::Debug for Breaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.gate().state();
        f.debug_struct("Breaker").field("target", &self.0.target).field("state", &state).finish()
    }
}
