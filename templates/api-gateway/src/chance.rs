//! Randomness: one seed, from which each request gets its own.

use std::sync::atomic::{AtomicU64, Ordering};

use fastrand::Rng;

/// Where the randomness of all requests comes from. The same seed gives the same, in the same order.
#[derive(Debug)]
pub(crate) struct Chance {
    seed: u64,
    drawn: AtomicU64,
}

/// Odd, so that no two of 2^64 requests have the same seed.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

impl Chance {
    /// From this seed, or from one that nobody knows.
    pub(crate) fn new(seed: Option<u64>) -> Self {
        Self { seed: seed.unwrap_or_else(|| fastrand::u64(..)), drawn: AtomicU64::new(0) }
    }

    /// The randomness of one request. Not for secrets.
    pub(crate) fn draw(&self) -> Rng {
        let nth = self.drawn.fetch_add(1, Ordering::Relaxed);
        Rng::with_seed(self.seed.wrapping_add(nth.wrapping_mul(STEP)))
    }
}
