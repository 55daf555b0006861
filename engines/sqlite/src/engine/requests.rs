//! Requests to a run while it is driven.

use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;

use atomic_waker::AtomicWaker;

/// The requests to a run while it is driven.
#[derive(Debug, Default)]
pub(super) struct Requests {
    /// Roll back.
    pub(super) cancel: Request,
    /// Begin no further step.
    pub(super) pause: Request,
}

/// A request that can be made once, to one task.
///
/// The task polls it twice per step, which costs less than a channel.
#[derive(Debug, Default)]
pub(super) struct Request {
    is_made: AtomicBool,
    task: AtomicWaker,
}

impl Request {
    pub(super) fn make(&self) {
        self.is_made.store(true, Ordering::Release);
        self.task.wake();
    }

    /// Waits until the request is made. Only the task that polled last is woken.
    pub(super) async fn made(&self) {
        let is_made = || self.is_made.load(Ordering::Acquire);
        poll_fn(|task| {
            if is_made() {
                return Poll::Ready(());
            }
            self.task.register(task.waker());
            // The request may have been made just before the registration.
            if is_made() { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }
}
