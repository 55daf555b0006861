//! The lanes of a release, a file each.
//!
//! Each step may be done twice, since the controller may be killed in the middle of it: processes are
//! found again by the key of the visit that started them, and switches are numbered.
//!
//! That also keeps an effect from landing after its undo. An undo takes the ticket back, without which a process
//! that was started late ends before it serves ([`slot`](crate::slot)); and it switches back with a newer number, so that
//! the balancer refuses the switch if that arrives later. What else a step does ends with its future: it starts no task.

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

/// What time it is: the system's, or that of a test.
pub type Now = Arc<dyn Fn() -> SystemTime + Send + Sync>;

/// How often something is looked at that is waited for.
const LOOK: Duration = Duration::from_millis(20);

/// A wait that has an end.
struct Wait<'w> {
    deadline: Instant,
    release: Option<(&'w Words, &'w str)>,
}

impl<'w> Wait<'w> {
    fn at_most(time: Duration) -> Self {
        Self { deadline: Instant::now() + time, release: None }
    }

    /// Ends with a fault as soon as an operator calls this release off.
    fn of_release(self, words: &'w Words, run: &'w str) -> Self {
        Self { release: Some((words, run)), ..self }
    }

    /// Waits a little before another look. False once the time is over.
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
