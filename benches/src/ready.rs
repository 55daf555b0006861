//! Futures that never wait, and what they allocate.

use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// Drives a future that never waits.
pub(crate) fn now<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return output;
        }
    }
}

/// What one run allocates.
pub(crate) fn allocations<T>(run: impl FnOnce() -> T) -> String {
    let counted = allocation_counter::measure(|| drop(black_box(run())));
    format!("{} ({} bytes)", counted.count_total, counted.bytes_total)
}
