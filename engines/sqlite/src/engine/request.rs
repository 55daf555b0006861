//! What may be asked of a run while it is driven.

use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;

use atomic_waker::AtomicWaker;

/// What may be asked of a run while it is driven.
#[derive(Debug, Default)]
pub(super) struct Requests {
    /// It is to roll back.
    pub(super) cancel: Request,
    /// It is to begin nothing more.
    pub(super) pause: Request,
}

/// Something that may be asked once, of one task.
///
/// That task looks whether it is, twice a step: this costs less than a channel does.
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

    /// Comes when it is made, if ever. Only the task that polled it last is woken.
    pub(super) async fn comes(&self) {
        let is_made = || self.is_made.load(Ordering::Acquire);
        poll_fn(|task| {
            if is_made() {
                return Poll::Ready(());
            }
            self.task.register(task.waker());
            // It may have been made just before.
            if is_made() { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }
}
