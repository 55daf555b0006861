//! Retries and timeouts, and what they apply to.

use std::hash::{DefaultHasher, Hasher};
use std::time::Duration;

use backon::{BackoffBuilder, ConstantBuilder, ExponentialBuilder};

use crate::fault::Fault;
use crate::flow::Node;
use crate::plan::NodeSpec;
use crate::visit::{Key, Visit};

/// What a policy applies to. The most specific one wins: a step's over its lane's over the run's.
///
/// Generated code makes one from a `Node` and from a `Lane`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// One step, decision or compensation, by its place in the plan.
    Node(u32),
    /// Everything in one lane, by its place in the plan.
    Lane(u32),
    /// Everything.
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

/// Values by scope; `None` takes a scope out of a wider one. Of two for one scope the later counts.
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

/// How often, and after which pauses, something that faulted is tried again.
///
/// The pauses double, from `first` up to `at_most`: exponential backoff.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// let retry = flowgen::Retry::times(4).first(Duration::from_millis(50)).at_most(Duration::from_secs(2));
/// let pauses: Vec<_> = retry.pauses().map(|pause| pause.as_millis()).collect();
/// assert_eq!(pauses, [50, 100, 200, 400]);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Retry {
    pauses: ExponentialBuilder,
    times: usize,
    longest: Duration,
    seed: Option<u64>,
    when: fn(&Fault) -> bool,
}

impl Retry {
    /// Tries again at most this often, after 100 ms, 200 ms and so on, up to 30 s.
    ///
    /// Only faults count: an attempt that a restart interrupted is made again, and uses up no retry.
    #[must_use]
    pub fn times(times: usize) -> Self {
        let pauses = ExponentialBuilder::new().with_factor(2.0).with_max_times(times);
        let retry = Self { pauses, times, longest: Duration::ZERO, seed: None, when: |_| true };
        retry.first(Duration::from_millis(100)).at_most(Duration::from_secs(30))
    }

    /// The pause before the first retry.
    #[must_use]
    pub fn first(mut self, pause: Duration) -> Self {
        self.pauses = self.pauses.with_min_delay(pause);
        self
    }

    /// The longest pause.
    #[must_use]
    pub fn at_most(mut self, pause: Duration) -> Self {
        self.pauses = self.pauses.with_max_delay(pause);
        self.longest = pause;
        self
    }

    /// Makes each pause a random length between half of it and all of it, so that many runs don't
    /// retry in step. The same seed gives the same pauses to the same visit.
    #[must_use]
    pub fn jitter(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Retries only faults that pass this test; the others are final at once.
    ///
    /// [`Visit::is_last_attempt`] is asked before the fault is known, so it goes by the number of retries
    /// alone: an attempt that is not the last by that is so after all if its fault does not pass.
    #[must_use]
    pub fn when(mut self, retryable: fn(&Fault) -> bool) -> Self {
        self.when = retryable;
        self
    }

    /// The pauses, in order, before anything random.
    pub fn pauses(&self) -> impl Iterator<Item = Duration> + use<> {
        let longest = self.longest;
        self.pauses.build().map(move |pause| to_the_microsecond(pause).min(longest))
    }

    /// The pauses of one visit: no two visits wait in step, if there is jitter.
    pub fn pauses_of(&self, visit: &Visit) -> impl Iterator<Item = Duration> + use<> {
        let random = self.seed.map(|seed| {
            let one = ConstantBuilder::new().with_delay(HALF).without_max_times();
            one.with_jitter().with_jitter_seed(seed ^ hash(&visit.key())).build()
        });
        let mut parts = random.into_iter().flatten();
        self.pauses().map(move |pause| match parts.next() {
            // Jitter adds up to as much again: from a half to a whole.
            Some(part) => to_the_microsecond(pause.mul_f64(part.div_duration_f64(HALF) / 2.0)).min(pause),
            None => pause,
        })
    }

    /// Does it allow no retry any more after so many faults?
    pub(crate) fn is_used_up(&self, faulted: u32) -> bool {
        faulted as usize >= self.times
    }

    /// Should this fault be retried at all?
    #[must_use]
    pub fn applies_to(&self, fault: &Fault) -> bool {
        (self.when)(fault)
    }
}

/// A unit that jitter is added to.
const HALF: Duration = Duration::from_secs(1);

/// The same for the same visit, in every run of a program.
fn hash(key: &Key<'_>) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(key.to_string().as_bytes());
    hasher.finish()
}

/// Doubling is not exact: 100 ms become 200.000003 ms.
fn to_the_microsecond(pause: Duration) -> Duration {
    pause.saturating_add(Duration::from_nanos(500)) / 1000 * 1000
}
