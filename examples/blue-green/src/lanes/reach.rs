//! Calls to the balancer, which may be unavailable for a while.

use std::future::Future;
use std::time::Duration;

use flowgen::{Fault, Result};
use tokio::time::sleep;

use crate::balancer::{Assignment, Client, ClientError, Standing};
use crate::service::in_full;
use crate::words::{Wait, Words};

/// The pause before the first retry. It doubles up to the maximum.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// A client that retries while the balancer does not answer. If the balancer refuses a request, that is a fault.
#[derive(Clone, Debug)]
pub struct Reach {
    balancer: Client,
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
    /// Creates a client for this balancer. `words` shows operators that a release waits for it.
    #[must_use]
    pub fn new(balancer: Client, words: Words) -> Self {
        Self { balancer, words }
    }

    pub(super) async fn standing(&self, run: &str, abort: Abort) -> Result<Standing> {
        self.until_answered(run, abort, || self.balancer.standing()).await
    }

    /// Switches traffic. Idempotent, so it can be repeated if an answer was lost.
    pub(super) async fn switch(&self, wanted: &Assignment, run: &str, abort: Abort) -> Result<Standing> {
        self.until_answered(run, abort, || self.balancer.switch(wanted)).await
    }

    async fn until_answered<F>(&self, run: &str, abort: Abort, ask: impl Fn() -> F) -> Result<Standing>
    where
        F: Future<Output = std::result::Result<Standing, ClientError>>,
    {
        let (mut pause, mut waiting) = (FIRST_PAUSE, None);
        loop {
            match ask().await {
                Ok(standing) => return Ok(standing),
                Err(error @ ClientError::Silent(..)) => {
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
