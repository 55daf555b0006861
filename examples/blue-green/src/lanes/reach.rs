//! Reaching the balancer, which may be away for a while.

use std::future::Future;
use std::time::Duration;

use flowgen::{Fault, Result};
use tokio::time::sleep;

use crate::balancer::{Assignment, Client, ClientError, Standing};
use crate::service::in_full;
use crate::words::{Wait, Words};

/// The pause before the balancer is asked again. It doubles up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// A balancer that is waited for while it does not answer. What it refuses is a fault.
#[derive(Clone, Debug)]
pub struct Reach {
    balancer: Client,
    words: Words,
}

/// Whether an operator who aborts the release ends the wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Abort {
    /// On the way forward.
    Ends,
    /// While the release is undone, or has nothing to undo any more.
    Ignored,
}

impl Reach {
    /// Waits for this balancer, and shows so in these words.
    #[must_use]
    pub fn new(balancer: Client, words: Words) -> Self {
        Self { balancer, words }
    }

    pub(super) async fn standing(&self, run: &str, abort: Abort) -> Result<Standing> {
        self.until_answered(run, abort, || self.balancer.standing()).await
    }

    /// Switches traffic. Said again, as after an answer that was lost, it does nothing more.
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
