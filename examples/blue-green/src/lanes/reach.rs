//! Calls to the balancer, which may be unavailable for a while.

use std::sync::Arc;
use std::time::Duration;

use flowgen::{Fault, Result};
use futures_util::future::BoxFuture;
use tokio::time::sleep;

use crate::balancer::{Assignment, BalancerError, LoadBalancer, Standing};
use crate::service::in_full;
use crate::words::{Wait, Words};

/// The pause before the first retry. It doubles up to the maximum.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// A balancer whose calls are retried while it does not answer. If it refuses a request, that is a fault.
#[derive(Clone, Debug)]
pub struct Reach {
    balancer: Arc<dyn LoadBalancer>,
    words: Words,
}

/// Whether an abort by an operator ends the wait for the balancer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Abort {
    /// The wait ends. Used in forward steps.
    Ends,
    /// The wait continues. Used while the release is undone, or has nothing left to undo.
    Ignored,
}

impl Reach {
    /// Calls this balancer. `words` shows operators that a release waits for it.
    #[must_use]
    pub fn new(balancer: Arc<dyn LoadBalancer>, words: Words) -> Self {
        Self { balancer, words }
    }

    pub(super) async fn standing(&self, run: &str, abort: Abort) -> Result<Standing> {
        self.until_answered(run, abort, || self.balancer.standing()).await
    }

    /// Switches traffic. Idempotent, so it can be repeated if an answer was lost.
    pub(super) async fn switch(&self, wanted: &Assignment, run: &str, abort: Abort) -> Result<Standing> {
        self.until_answered(run, abort, || self.balancer.switch(wanted)).await
    }

    async fn until_answered<'a>(
        &'a self,
        run: &str,
        abort: Abort,
        ask: impl Fn() -> BoxFuture<'a, std::result::Result<Standing, BalancerError>>,
    ) -> Result<Standing> {
        let (mut pause, mut waiting) = (FIRST_PAUSE, None);
        loop {
            match ask().await {
                Ok(standing) => return Ok(standing),
                Err(error @ BalancerError::Silent(..)) => {
                    waiting.get_or_insert_with(|| {
                        tracing::warn!(release = run, %error, "the release waits for the balancer");
                        self.words.wait(run, Wait::Balancer(in_full(&error)))
                    });
                }
                Err(error) => return Err(error.into()),
            }
            if abort == Abort::Ends && self.words.is_aborted(run) {
                return Err(Fault::new("called off by an operator"));
            }
            sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}
