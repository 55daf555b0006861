//! Discarding what failed attempts changed in the context.

use std::pin::pin;

use super::Runner;
use crate::fault::Result;
use crate::flow::{Flow, Next, Node};
use crate::panicked::Panicked;
use crate::plan::Kind;
use crate::visit::Visit;

/// A flow whose failed attempts leave the context as it was before them.
///
/// Made by [`Runner::discard_failed_changes`].
#[derive(Clone, Copy, Debug)]
pub struct Discarding<F>(F);

impl<F, T, O> Runner<F, T, O> {
    /// Discards what an attempt changed in the context if it faults, panics, times out or is dropped: the next
    /// attempt, and the rollback, see the context as it was before.
    ///
    /// It needs a context that is [`Clone`], and clones it once for each attempt at a step or compensation;
    /// decisions only read it. Without it, the context is as the failed attempt left it. Durable engines
    /// don't need it: they go back to the context that they saved.
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
    /// let runner = flow.runner().clock(TokioClock).retry(Scope::All, Retry::times(3)).discard_failed_changes();
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
        let mut attempt = Attempt { cx, before };
        let said = pin!(self.0.step(at, attempt.cx, visit)).await;
        if said.is_ok() {
            attempt.before = None;
        }
        said
    }

    fn fork(cx: &Cx) -> Option<Cx> {
        F::fork(cx)
    }

    fn join(cx: &mut Cx, branch: Cx) {
        F::join(cx, branch);
    }
}

/// An attempt that may fail. Dropped, it puts the context back that it has from before.
struct Attempt<'c, Cx> {
    cx: &'c mut Cx,
    before: Option<Cx>,
}

impl<Cx> Drop for Attempt<'_, Cx> {
    fn drop(&mut self) {
        if let Some(before) = self.before.take() {
            let changed = std::mem::replace(self.cx, before);
            // A panic of the attempt may be under way, and a second one would end the process.
            let _ = Panicked::catch(|| drop(changed));
        }
    }
}
