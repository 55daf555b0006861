//! The lanes of a release, one file each.
//!
//! Each step may be repeated, since the controller can be killed during the step. Processes are found by the key
//! of the visit that started them, and switches are numbered.
//!
//! This also prevents effects after their undo. Undoing a start revokes the ticket, so a process that starts late
//! ends before it serves ([`slot`](crate::slot)). Undoing a switch uses a newer number, so that the balancer
//! refuses the switch if it arrives later. All other effects of a step end with its future: it spawns no tasks.

mod balancer;
mod controller;
mod environments;
mod monitor;
mod operator;
mod reach;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use flowgen::{Fault, Result};
use tokio::time::{Instant, sleep};

pub use balancer::Balancer;
pub use controller::{Controller, Entry};
pub use environments::Environments;
pub use monitor::Monitor;
pub use operator::Operator;
pub use reach::Reach;

use crate::words::Words;

/// Returns the current time. Tests replace it.
pub type Now = Arc<dyn Fn() -> SystemTime + Send + Sync>;

/// The interval between two polls.
const LOOK: Duration = Duration::from_millis(20);

/// A wait with a deadline.
struct Wait<'w> {
    deadline: Instant,
    release: Option<(&'w Words, &'w str)>,
}

impl<'w> Wait<'w> {
    fn at_most(time: Duration) -> Self {
        Self { deadline: Instant::now() + time, release: None }
    }

    /// Makes the wait end with a fault as soon as an operator aborts this release.
    fn of_release(self, words: &'w Words, run: &'w str) -> Self {
        Self { release: Some((words, run)), ..self }
    }

    /// Sleeps until the next poll. Returns `false` after the deadline.
    async fn goes_on(&self) -> Result<bool> {
        if self.release.is_some_and(|(words, run)| words.is_aborted(run)) {
            return Err(Fault::new("called off by an operator"));
        }
        if Instant::now() >= self.deadline {
            return Ok(false);
        }
        sleep(LOOK).await;
        Ok(true)
    }
}
