//! Discarding the context changes of failed attempts.

use std::pin::pin;

use super::Runner;
use crate::fault::Result;
use crate::flow::{Flow, Next, Node};
use crate::panicked::Panicked;
use crate::plan::Kind;
use crate::routing::ValueId;
use crate::visit::Visit;

/// A flow whose failed attempts leave the context unchanged.
///
/// Created by [`Runner::discard_failed_changes`].
#[derive(Clone, Copy, Debug)]
pub struct Discarding<F>(F);

impl<F, T, O> Runner<F, T, O> {
    /// Discards changes to the context by an attempt that faults, panics, times out or is dropped. The next
    /// attempt and the rollback see the previous context.
    ///
    /// Requires a [`Clone`] context, which is cloned once for each attempt of a step or compensation; decisions
    /// only read it. Without this setting, the context remains as the failed attempt left it. Durable engines
    /// do not need it: they restore the saved context.
    ///
    /// # Examples
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/bookshop.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// use flowgen::{Retry, Scope, TokioClock};
    ///
    /// let flow = shop::Flow { shop: Bookshop };
    /// let runner = flow.runner().clock(TokioClock).retry(Scope::All, Retry::max_retries(3)).discard_failed_changes();
    /// assert!(runner.run(Order { paid: true }).await.outcome.is_completed());
    /// # }
    /// ```
    pub fn discard_failed_changes(self) -> Runner<Discarding<F>, T, O> {
        let Self { flow, start, timing, limits, observer } = self;
        Runner { flow: Discarding(flow), start, timing, limits, observer }
    }
}

impl<Cx: Clone + Send, F: Flow<Cx>> Flow<Cx> for Discarding<F> {
    type Node = F::Node;

    async fn step(&self, at: Self::Node, cx: &mut Cx, visit: &Visit) -> Result<Next<Self::Node>> {
        let before = (at.spec().kind != Kind::Decision).then(|| cx.clone());
        let mut attempt = Restore { cx, before };
        let result = pin!(self.0.step(at, attempt.cx, visit)).await;
        if result.is_ok() {
            attempt.before = None;
        }
        result
    }

    fn fork(cx: &Cx) -> Option<Cx> {
        F::fork(cx)
    }

    fn join(cx: &mut Cx, branch: Cx) {
        F::join(cx, branch);
    }

    fn retain(cx: &mut Cx, is_needed: &dyn Fn(ValueId) -> bool) {
        F::retain(cx, is_needed);
    }
}

/// An attempt that may fail. If it is dropped with a previous context, it restores that context.
struct Restore<'c, Cx> {
    cx: &'c mut Cx,
    before: Option<Cx>,
}

impl<Cx> Drop for Restore<'_, Cx> {
    fn drop(&mut self) {
        if let Some(before) = self.before.take() {
            let changed = std::mem::replace(self.cx, before);
            // The attempt may be panicking, and a second panic would abort the process.
            let _ = Panicked::catch(|| drop(changed));
        }
    }
}
