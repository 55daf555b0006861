//! A breaker: its state, what it has counted, and the ways to change it.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use super::call::Rejected;
use super::event::{Event, Listener, Metrics};
use super::gate::{Epoch, Gate, State};
use super::outage::Outage;
use super::permit::Permit;
use super::settings::{InvalidSetting, Settings};
use super::sync::{AtomicU64, Ordering};
use super::tally::Tally;
use super::window::Counts;

/// Stands before a target. A clone is the same breaker.
///
/// # Examples
///
/// ```
/// use api_gateway::circuit::{Breaker, Settings, State};
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

/// A breaker that may be gone.
#[derive(Clone)]
pub(crate) struct WeakBreaker(Weak<Core>);

struct Core {
    target: Arc<str>,
    settings: Settings,
    gate: Gate,
    tally: Mutex<Tally>,
    rejected: AtomicU64,
    /// Wakes the outage that is going on: the probes have decided, or an operator has.
    news: watch::Sender<()>,
    listener: Option<Listener>,
}

/// A change of the state, to be told once the lock is free.
pub(crate) struct Changed {
    from: State,
    to: State,
    counts: Counts,
}

impl Breaker {
    /// A closed breaker for this target.
    ///
    /// # Errors
    ///
    /// The first setting with which it can't work.
    pub fn new(target: impl Into<Arc<str>>, settings: Settings) -> Result<Self, InvalidSetting> {
        Self::with_listener(target, settings, None)
    }

    /// The same; `listener` is told what happens.
    ///
    /// # Errors
    ///
    /// The first setting with which it can't work.
    pub fn with_listener(
        target: impl Into<Arc<str>>,
        settings: Settings,
        listener: impl Into<Option<Listener>>,
    ) -> Result<Self, InvalidSetting> {
        settings.check()?;
        let tally = Mutex::new(Tally::new(&settings, Instant::now()));
        let (target, listener) = (target.into(), listener.into());
        let (gate, rejected, news) = (Gate::new(), AtomicU64::new(0), watch::Sender::new(()));
        Ok(Self(Arc::new(Core { target, settings, gate, tally, rejected, news, listener })))
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

    /// The state it is in now.
    #[must_use]
    pub fn state(&self) -> State {
        self.gate().state()
    }

    /// Admits a call, which says what came of it with [`Permit::record`].
    ///
    /// # Errors
    ///
    /// The breaker is open, or all its probes are out.
    pub fn admit(&self) -> Result<Permit, Rejected> {
        match self.gate().enter(self.settings().probes) {
            Ok(pass) => Ok(Permit::new(self.clone(), pass)),
            Err(state) => Err(self.reject(state)),
        }
    }

    /// How long it stays open, where that is known: what an answer may say as `Retry-After`.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        let until = self.tally().open_until?;
        Some(until.saturating_duration_since(Instant::now()))
    }

    /// What it has counted.
    #[must_use]
    pub fn metrics(&self) -> Metrics {
        let mut tally = self.tally();
        let totals = tally.totals;
        Metrics {
            state: self.state(),
            window: tally.window.counts(Instant::now()),
            successes: totals.successes,
            failures: totals.failures,
            slow: totals.slow,
            ignored: totals.ignored,
            dropped: totals.dropped,
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

    /// Closes it, whatever state it is in, and forgets the calls in the window.
    pub fn reset(&self) {
        self.overrule(State::Closed);
    }

    fn overrule(&self, to: State) {
        let changed = self.change(&mut self.tally(), to);
        self.0.news.send_replace(());
        self.tell_change(&changed);
    }

    pub(crate) fn reject(&self, state: State) -> Rejected {
        self.0.rejected.fetch_add(1, Ordering::Relaxed);
        let target = Arc::clone(&self.0.target);
        self.tell(&Event::Rejected { target: &target, state });
        Rejected { target, state }
    }

    /// Begins a new epoch. The lock says that nobody else does.
    pub(crate) fn change(&self, tally: &mut Tally, to: State) -> Changed {
        let from = self.state();
        let counts = match from {
            State::HalfOpen => tally.probes,
            _ => tally.window.counts(Instant::now()),
        };
        self.gate().change(to);
        tally.begin_epoch();
        tally.totals.opened += u64::from(to == State::Open);
        Changed { from, to, counts }
    }

    /// Begins a new epoch, unless somebody has ended this one before. Says which one it is.
    pub(crate) fn change_after(&self, epoch: Epoch, to: State) -> Option<Epoch> {
        let (changed, next) = {
            let mut tally = self.tally();
            if self.gate().epoch() != epoch {
                return None;
            }
            (self.change(&mut tally, to), self.gate().epoch())
        };
        self.tell_change(&changed);
        Some(next)
    }

    /// Opens, and has the outage seen through. Without a runtime nobody could, so that it stays closed.
    pub(crate) fn trip(&self, tally: &mut Tally) -> Option<Changed> {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            tracing::error!(breaker = self.target(), "can't trip outside of a tokio runtime");
            return None;
        };
        let changed = self.change(tally, State::Open);
        runtime.spawn(Outage::of(self).see_through());
        Some(changed)
    }

    /// The probes have decided.
    pub(crate) fn wake_outage(&self) {
        self.0.news.send_replace(());
    }

    pub(crate) fn news(&self) -> watch::Receiver<()> {
        self.0.news.subscribe()
    }

    pub(crate) fn tell_change(&self, Changed { from, to, counts }: &Changed) {
        let (from, to, target) = (*from, *to, self.target());
        let Counts { calls, failures, slow } = *counts;
        tracing::warn!(breaker = target, %from, %to, calls, failures, slow, "circuit breaker changed");
        self.tell(&Event::Changed { target, from, to, counts: *counts });
    }

    pub(crate) fn tell(&self, event: &Event<'_>) {
        if let Some(listener) = &self.0.listener {
            listener(event);
        }
    }

    pub(crate) fn gate(&self) -> &Gate {
        &self.0.gate
    }

    /// What was counted; a panic elsewhere does not take it away.
    pub(crate) fn tally(&self) -> MutexGuard<'_, Tally> {
        self.0.tally.lock().unwrap_or_else(PoisonError::into_inner)
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
        f.debug_struct("Breaker").field("target", &self.0.target).field("state", &self.state()).finish()
    }
}
