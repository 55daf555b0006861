//! The settings: when a breaker opens, and how it recovers.

use std::time::Duration;

use thiserror::Error;

/// When a breaker opens, and how it recovers. Each default is explained.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use circuit_breaker::{Breaker, Settings, Window};
///
/// let settings = Settings {
///     window: Window::Time(Duration::from_secs(30)),
///     failure_rate: 0.25,
///     ..Settings::default()
/// };
/// let breaker = Breaker::new("inventory", settings)?;
///
/// let wrong = Settings { failure_rate: 25.0, ..Settings::default() };
/// let refused = Breaker::new("inventory", wrong).unwrap_err();
/// assert_eq!(refused.field, "failure_rate");
/// # Ok::<(), circuit_breaker::InvalidSetting>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// The calls that count. Default: the last 100, so that one call is one percent.
    pub window: Window,
    /// The breaker opens if this share of the calls in the window failed. Greater than 0, at most 1. Default: 0.5.
    /// A target with fewer failures may be refusing bad requests.
    pub failure_rate: f64,
    /// The breaker opens if this share of the calls in the window was slow. Greater than 0, at most 1. Default: 1.
    pub slow_rate: f64,
    /// A call that takes at least this long is slow. Default: `None`, no call is slow. The right value depends on
    /// the target, and a slow answer is still an answer.
    pub slow_after: Option<Duration>,
    /// The breaker does not open with fewer calls in the window than this. At least 1. Default: 20, since one
    /// failure of two calls says little.
    pub minimum_calls: u32,
    /// The length of the first open period. Default: 5 s, about the time of a restart.
    pub open_for: Duration,
    /// The factor by which each further open period of an outage is longer. At least 1. Default: 2, so that a
    /// target that stays down is probed less and less often.
    pub backoff: f64,
    /// The maximum length of an open period, without jitter. Default: 2 min, which bounds the delay after a long
    /// outage.
    pub longest_open: Duration,
    /// Whether each open period is extended by a random part of itself. Default: true, so that the clients of a
    /// target do not probe it at the same time.
    pub jitter: bool,
    /// The seed of `jitter`, for tests. Default: `None`, a random seed per outage.
    pub seed: Option<u64>,
    /// The number of calls that a half-open breaker admits. At least 1. Default: 5, so that one lucky answer does
    /// not close the breaker.
    pub probes: u16,
    /// How long a half-open breaker waits for probes that are in progress or were dropped. Then it opens again.
    /// Default: 30 s. Without calls, it stays half open.
    pub half_open_for: Duration,
    /// How a call counts if its future is dropped. Default: [`Dropped::Failure`], since timeouts around a call
    /// drop it. Otherwise, a target that hangs would never open its breaker.
    pub dropped: Dropped,
}

/// The calls that count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// The last calls, this many. At least 1.
    Calls(u32),
    /// The calls of the last period of this length. It slides in ten steps.
    Time(Duration),
}

/// How a call counts if its future is dropped.
///
/// [`Permit::when_dropped`](super::Permit::when_dropped) overrides it for one call. A panic always counts as a
/// failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dropped {
    /// A failure of the target.
    Failure,
    /// Not counted. For calls that are dropped because the client has disconnected.
    Ignored,
}

/// Error from an invalid setting.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the setting `{field}` of a circuit breaker {why}")]
pub struct InvalidSetting {
    /// The field of [`Settings`].
    pub field: &'static str,
    /// The reason.
    pub why: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            window: Window::Calls(100),
            failure_rate: 0.5,
            slow_rate: 1.0,
            slow_after: None,
            minimum_calls: 20,
            open_for: Duration::from_secs(5),
            backoff: 2.0,
            longest_open: Duration::from_secs(120),
            jitter: true,
            seed: None,
            probes: 5,
            half_open_for: Duration::from_secs(30),
            dropped: Dropped::Failure,
        }
    }
}

/// The number of steps of a time window.
pub(crate) const STEPS: u32 = 10;

impl Settings {
    /// Validates the settings.
    ///
    /// # Errors
    ///
    /// The first setting that is invalid, with the reason.
    pub fn check(&self) -> Result<(), InvalidSetting> {
        let rate = |field, rate: f64| {
            let is_rate = rate > 0.0 && rate <= 1.0;
            ensure(is_rate, field, || format!("is {rate}, which is not above 0 and up to 1"))
        };
        let not_zero = |field, time: Duration| ensure(!time.is_zero(), field, || "is zero".to_owned());
        match self.window {
            Window::Calls(calls) => {
                ensure(calls > 0, "window", || "holds no call".to_owned())?;
                let minimum = self.minimum_calls;
                ensure(minimum <= calls, "minimum_calls", || {
                    format!(
                        "is {minimum}, but the window holds {calls} calls, so the breaker would never open"
                    )
                })?;
            }
            Window::Time(time) => {
                not_zero("window", time / STEPS)?;
            }
        }
        rate("failure_rate", self.failure_rate)?;
        rate("slow_rate", self.slow_rate)?;
        if let Some(slow) = self.slow_after {
            not_zero("slow_after", slow)?;
        }
        ensure(self.minimum_calls > 0, "minimum_calls", || "is zero".to_owned())?;
        not_zero("open_for", self.open_for)?;
        let grows = self.backoff >= 1.0 && self.backoff.is_finite();
        ensure(grows, "backoff", || format!("is {}, which is not at least 1", self.backoff))?;
        ensure(self.longest_open >= self.open_for, "longest_open", || {
            format!("is {:?}, which is shorter than `open_for`: {:?}", self.longest_open, self.open_for)
        })?;
        ensure(self.probes > 0, "probes", || "is zero, so the breaker would never close again".to_owned())?;
        not_zero("half_open_for", self.half_open_for)
    }
}

fn ensure(holds: bool, field: &'static str, why: impl FnOnce() -> String) -> Result<(), InvalidSetting> {
    if holds { Ok(()) } else { Err(InvalidSetting { field, why: why() }) }
}
