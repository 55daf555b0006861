//! Retry policies, and the scopes of all policies.

use std::hash::{DefaultHasher, Hasher};
use std::time::Duration;

use backon::{BackoffBuilder, ConstantBuilder, ExponentialBuilder};

use crate::fault::Fault;
use crate::flow::Node;
use crate::plan::NodeSpec;
use crate::visit::{Key, Visit};

/// The scope of a policy. The most specific one applies: a step's before its lane's before the flow's.
///
/// Generated code converts a `Node` and a `Lane` into a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// One step, decision or compensation, by its index in the plan.
    Node(u32),
    /// All nodes of one lane, by its index in the plan.
    Lane(u32),
    /// All nodes.
    All,
}

impl<N: Node> From<N> for Scope {
    fn from(node: N) -> Self {
        Self::Node(node.index())
    }
}

impl Scope {
    fn covers(self, at: u32, node: &NodeSpec) -> bool {
        match self {
            Self::Node(this) => this == at,
            Self::Lane(lane) => lane == node.lane,
            Self::All => true,
        }
    }

    fn breadth(self) -> u8 {
        match self {
            Self::Node(_) => 0,
            Self::Lane(_) => 1,
            Self::All => 2,
        }
    }
}

/// Values by scope. `None` exempts a scope from a wider one. A later value for a scope replaces an earlier one.
#[derive(Clone, Debug)]
pub(crate) struct Scoped<T>(Vec<(Scope, Option<T>)>);

impl<T> Scoped<T> {
    pub(crate) const fn new() -> Self {
        Self(Vec::new())
    }

    pub(crate) fn set(&mut self, scope: Scope, value: Option<T>) {
        self.0.retain(|(of, _)| *of != scope);
        self.0.push((scope, value));
    }

    pub(crate) fn get(&self, at: u32, node: &NodeSpec) -> Option<&T> {
        let covering = self.0.iter().filter(|(scope, _)| scope.covers(at, node));
        covering.min_by_key(|(scope, _)| scope.breadth()).and_then(|(_, value)| value.as_ref())
    }
}

/// A retry policy: the number of retries, and the pauses before them.
///
/// The pauses double, from `initial_delay` up to `max_delay`: exponential backoff.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// let retry = flowgen::Retry::max_retries(4).initial_delay(Duration::from_millis(50)).max_delay(Duration::from_secs(2));
/// let pauses: Vec<_> = retry.pauses().map(|pause| pause.as_millis()).collect();
/// assert_eq!(pauses, [50, 100, 200, 400]);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Retry {
    pauses: ExponentialBuilder,
    max_retries: usize,
    max_delay: Duration,
    seed: Option<u64>,
    accepts: fn(&Fault) -> bool,
}

impl Retry {
    /// Creates a policy with at most this many retries, after pauses of 100 ms, 200 ms and so on, up to 30 s.
    ///
    /// Only faults count: an attempt that a restart interrupted is repeated and uses up no retry.
    #[must_use]
    pub fn max_retries(max_retries: usize) -> Self {
        let pauses = ExponentialBuilder::new().with_factor(2.0).with_max_times(max_retries);
        let retry = Self { pauses, max_retries, max_delay: Duration::ZERO, seed: None, accepts: |_| true };
        retry.initial_delay(Duration::from_millis(100)).max_delay(Duration::from_secs(30))
    }

    /// Sets the pause before the first retry.
    #[must_use]
    pub fn initial_delay(mut self, pause: Duration) -> Self {
        self.pauses = self.pauses.with_min_delay(pause);
        self
    }

    /// Sets the longest pause.
    #[must_use]
    pub fn max_delay(mut self, pause: Duration) -> Self {
        self.pauses = self.pauses.with_max_delay(pause);
        self.max_delay = pause;
        self
    }

    /// Randomizes each pause between half of its length and the full length, so that runs don't retry in
    /// lockstep. The same seed gives the same pauses for the same visit.
    #[must_use]
    pub fn jitter(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Retries only faults that satisfy this predicate; others are final at once.
    ///
    /// [`Visit::is_last_attempt`] is determined before the fault is known, so it depends on the number of
    /// retries alone. An earlier attempt becomes the last one if its fault does not satisfy the predicate.
    #[must_use]
    pub fn retry_if(mut self, retryable: fn(&Fault) -> bool) -> Self {
        self.accepts = retryable;
        self
    }

    /// The pauses in order, without jitter.
    pub fn pauses(&self) -> impl Iterator<Item = Duration> + use<> {
        let max_delay = self.max_delay;
        self.pauses.build().map(move |pause| to_the_microsecond(pause).min(max_delay))
    }

    /// The pauses of one visit. With jitter, they differ between visits.
    pub fn pauses_of(&self, visit: &Visit) -> impl Iterator<Item = Duration> + use<> {
        let random = self.seed.map(|seed| {
            let one = ConstantBuilder::new().with_delay(HALF).without_max_times();
            one.with_jitter().with_jitter_seed(seed ^ hash(&visit.key())).build()
        });
        let mut parts = random.into_iter().flatten();
        self.pauses().map(move |pause| match parts.next() {
            // Jitter adds up to 100 % of `HALF`: the factor is between a half and one.
            Some(part) => to_the_microsecond(pause.mul_f64(part.div_duration_f64(HALF) / 2.0)).min(pause),
            None => pause,
        })
    }

    /// Whether all retries are used up after this number of faults.
    pub(crate) fn is_used_up(&self, faulted: u32) -> bool {
        faulted as usize >= self.max_retries
    }

    /// Whether this fault may be retried at all.
    #[must_use]
    pub fn applies_to(&self, fault: &Fault) -> bool {
        (self.accepts)(fault)
    }
}

/// The base duration that jitter is added to.
const HALF: Duration = Duration::from_secs(1);

/// The same value for the same visit in every run of a program.
fn hash(key: &Key<'_>) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(key.to_string().as_bytes());
    hasher.finish()
}

/// Rounds to microseconds, because doubling is inexact: 100 ms become 200.000003 ms.
fn to_the_microsecond(pause: Duration) -> Duration {
    pause.saturating_add(Duration::from_nanos(500)) / 1000 * 1000
}
