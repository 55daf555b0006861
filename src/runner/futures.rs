//! Futures that run concurrently in one task.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use crate::panicked::Panicked;

/// Futures that are polled together. Each is boxed so that others can be added.
pub(crate) struct FutureSet<F: Future>(Vec<Pin<Box<F>>>);

impl<F: Future> FutureSet<F> {
    pub(crate) const fn new() -> Self {
        Self(Vec::new())
    }

    pub(crate) fn push(&mut self, future: F) {
        self.0.push(Box::pin(future));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Polls all futures and moves the outputs of completed ones to `ready`.
    pub(crate) fn poll_all(&mut self, task: &mut Context<'_>, ready: &mut Vec<F::Output>) {
        let mut at = 0;
        while at < self.0.len() {
            if let Poll::Ready(output) = self.0[at].as_mut().poll(task) {
                drop(self.0.remove(at));
                ready.push(output);
            } else {
                at += 1;
            }
        }
    }
}

/// Returns the output of `work`, or that of `limit` if `limit` completes first.
pub(crate) async fn race<W: Future, L: Future>(work: W, limit: L) -> Result<W::Output, L::Output> {
    let (mut work, mut limit) = (pin!(work), pin!(limit));
    poll_fn(|task| match work.as_mut().poll(task) {
        Poll::Ready(output) => Poll::Ready(Ok(output)),
        Poll::Pending => limit.as_mut().poll(task).map(Err),
    })
    .await
}

/// Returns the output of user code, or its panic. The future is not polled again after a panic.
pub(crate) async fn catching<W: Future>(mut work: Pin<&mut W>) -> Result<W::Output, Panicked> {
    poll_fn(|task| match Panicked::catch(|| work.as_mut().poll(task)) {
        Ok(polled) => polled.map(Ok),
        Err(panicked) => Poll::Ready(Err(panicked)),
    })
    .await
}

/// Lets the other tasks of the thread run once.
pub(crate) async fn yield_now() {
    let mut yielded = false;
    poll_fn(|task| {
        if std::mem::replace(&mut yielded, true) {
            return Poll::Ready(());
        }
        task.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// A signal that is polled until it arrives, and not afterwards.
pub(crate) struct Signal<'s, S> {
    /// `None` once it has panicked.
    signal: Option<Pin<&'s mut S>>,
    fired: bool,
}

impl<S> Signal<'_, S> {
    /// Whether the signal has arrived.
    pub(crate) fn has_fired(&self) -> bool {
        self.fired
    }
}

impl<'s, S: Future<Output = ()>> Signal<'s, S> {
    pub(crate) fn new(signal: Pin<&'s mut S>) -> Self {
        Self { signal: Some(signal), fired: false }
    }

    /// Polls the signal and returns whether it has just arrived. A signal that panics never arrives.
    pub(crate) fn poll_fired(&mut self, task: &mut Context<'_>) -> bool {
        let Some(signal) = self.signal.as_mut().filter(|_| !self.fired) else { return false };
        match Panicked::catch(|| signal.as_mut().poll(task).is_ready()) {
            Ok(fired) => self.fired = fired,
            Err(_) => self.signal = None,
        }
        self.fired
    }
}

/// Stops nodes that wait for a permit or a retry, because the run is being stopped.
///
/// No waker is needed: the task that sets it polls the waiting futures right afterwards.
#[derive(Default)]
pub(crate) struct StopSignal {
    stopping: AtomicBool,
    pausing: AtomicBool,
}

impl StopSignal {
    pub(crate) fn set(&self, stopping: bool, pausing: bool) {
        self.stopping.store(stopping, Ordering::Relaxed);
        self.pausing.store(pausing, Ordering::Relaxed);
    }

    pub(crate) fn is_pausing(&self) -> bool {
        self.pausing.load(Ordering::Relaxed)
    }

    /// Completes once the run is paused or aborted. An abort does not stop a compensation (`undoes`).
    pub(crate) async fn fired(&self, undoes: bool) {
        poll_fn(|_| {
            let stopping = !undoes && self.stopping.load(Ordering::Relaxed);
            if stopping || self.is_pausing() { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }
}
