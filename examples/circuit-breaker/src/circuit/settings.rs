//! When a breaker trips, and how it recovers.

use std::time::Duration;

use thiserror::Error;

/// When a breaker trips, and how it recovers.
///
/// Each default has its reason beside it. The one that depends most on the target is `slow_after`.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use circuit_breaker::circuit::{Breaker, Settings, Window};
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
/// # Ok::<(), circuit_breaker::circuit::InvalidSetting>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// The calls that count. Default: the last 100. So one call is one percent, and what happened
    /// before the last hundred calls says little about now.
    pub window: Window,
    /// The breaker trips when this part of the calls in the window failed, above 0 and up to 1.
    /// Default: 0.5. A target that fails every other call helps nobody; one that fails less may be
    /// refusing bad requests.
    pub failure_rate: f64,
    /// The breaker trips when this part of the calls was slow, above 0 and up to 1. Default: 1. Slow
    /// answers are answers: only when there are no others is it better to stop asking.
    pub slow_rate: f64,
    /// A call that takes at least this long is slow. Default: 5 s, which is longer than most people
    /// wait. Set it to what your target promises.
    pub slow_after: Duration,
    /// With fewer calls in the window the breaker does not trip, at least 1. Default: 20. Of two
    /// calls, one that fails is half of them and means nothing.
    pub minimum_calls: u32,
    /// How long the breaker stays open at first. Default: 5 s: most outages are a restart.
    pub open_for: Duration,
    /// By what `open_for` is multiplied each time that the probes fail, at least 1. Default: 2: what is
    /// still down is spared more and more. With 1 it stays the same.
    pub backoff: f64,
    /// The breaker is not open longer than this between two rounds of probes, jitter not counted.
    /// Default: 2 min: after a long outage nobody wants to wait for the breaker as well.
    pub longest_open: Duration,
    /// Makes each wait longer by a random part of itself. Default: yes, so that many clients of a
    /// target don't probe in step.
    pub jitter: bool,
    /// What `jitter` is drawn from. Default: `None`, a new one for each outage; tests want the same.
    pub seed: Option<u64>,
    /// How many calls are admitted while half open, at least 1. Default: 5: enough that one lucky
    /// answer does not close the breaker, few enough to do no harm.
    pub probes: u16,
    /// When probes are out for this long without a decision, they count as failed. Default: 30 s: a
    /// probe that hangs must not keep the breaker half open for ever.
    pub half_open_for: Duration,
    /// What a call counts as whose future is dropped before it is ready. Default:
    /// [`Dropped::FailureIfSlow`].
    pub dropped: Dropped,
}

/// The calls that count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// The last so many, at least 1.
    Calls(u32),
    /// Those of the last so long, in steps of a tenth of it.
    Time(Duration),
}

/// What a call counts as whose future is dropped before it is ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dropped {
    /// Nothing: whoever called lost interest, which says nothing about the target.
    Ignored,
    /// A failure if it took as long as a slow call, else nothing. A timeout around the breaker drops
    /// the call: a target that hangs would never trip a breaker that does not count those.
    FailureIfSlow,
    /// A failure.
    Failure,
}

/// A setting with which a breaker can't work.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the setting `{field}` of a circuit breaker {why}")]
pub struct InvalidSetting {
    /// The field of [`Settings`].
    pub field: &'static str,
    /// What is wrong with it.
    pub why: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            window: Window::Calls(100),
            failure_rate: 0.5,
            slow_rate: 1.0,
            slow_after: Duration::from_secs(5),
            minimum_calls: 20,
            open_for: Duration::from_secs(5),
            backoff: 2.0,
            longest_open: Duration::from_secs(120),
            jitter: true,
            seed: None,
            probes: 5,
            half_open_for: Duration::from_secs(30),
            dropped: Dropped::FailureIfSlow,
        }
    }
}

/// A window of time has so many steps.
pub(crate) const STEPS: u32 = 10;

impl Settings {
    /// Are these settings with which a breaker can work?
    ///
    /// # Errors
    ///
    /// The first field that is wrong, and why.
    pub fn check(&self) -> Result<(), InvalidSetting> {
        let rate = |field, rate: f64| {
            let is_rate = rate > 0.0 && rate <= 1.0;
            ensure(is_rate, field, || format!("is {rate}, which is not above 0 and up to 1"))
        };
        let some_time = |field, time: Duration| ensure(!time.is_zero(), field, || "is zero".to_owned());
        match self.window {
            Window::Calls(calls) => {
                ensure(calls > 0, "window", || "holds no call".to_owned())?;
                let minimum = self.minimum_calls;
                ensure(minimum <= calls, "minimum_calls", || {
                    format!("is {minimum}, but the window holds {calls} calls, so it would never trip")
                })?;
            }
            Window::Time(time) => {
                some_time("window", time / STEPS)?;
            }
        }
        rate("failure_rate", self.failure_rate)?;
        rate("slow_rate", self.slow_rate)?;
        some_time("slow_after", self.slow_after)?;
        ensure(self.minimum_calls > 0, "minimum_calls", || "is zero".to_owned())?;
        some_time("open_for", self.open_for)?;
        let grows = self.backoff >= 1.0 && self.backoff.is_finite();
        ensure(grows, "backoff", || format!("is {}, which is not at least 1", self.backoff))?;
        ensure(self.longest_open >= self.open_for, "longest_open", || {
            format!("is {:?}, which is shorter than `open_for`: {:?}", self.longest_open, self.open_for)
        })?;
        ensure(self.probes > 0, "probes", || "is zero, so it would never close again".to_owned())?;
        some_time("half_open_for", self.half_open_for)
    }
}

fn ensure(holds: bool, field: &'static str, why: impl FnOnce() -> String) -> Result<(), InvalidSetting> {
    if holds { Ok(()) } else { Err(InvalidSetting { field, why: why() }) }
}
