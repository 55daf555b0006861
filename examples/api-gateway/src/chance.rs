//! Randomness: one seed, from which each request derives its own.

use std::sync::atomic::{AtomicU64, Ordering};

use fastrand::Rng;

/// The source of the random generators of all requests. The same seed yields the same generators, in the same
/// order.
#[derive(Debug)]
pub(crate) struct Chance {
    seed: u64,
    drawn: AtomicU64,
}

/// An odd number, so that 2^64 requests have different seeds.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

impl Chance {
    /// Creates a source from this seed, or from a random one.
    pub(crate) fn new(seed: Option<u64>) -> Self {
        Self { seed: seed.unwrap_or_else(|| fastrand::u64(..)), drawn: AtomicU64::new(0) }
    }

    /// The random generator of one request. Not for secrets.
    pub(crate) fn draw(&self) -> Rng {
        let nth = self.drawn.fetch_add(1, Ordering::Relaxed);
        Rng::with_seed(self.seed.wrapping_add(nth.wrapping_mul(STEP)))
    }
}
