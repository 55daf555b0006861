//! What is compared: who comes, and what becomes of them.

mod commands;
mod http;
mod recorded;
mod simulated;
mod timed;

pub use commands::Commands;
pub use http::Http;
pub use recorded::{Recorded, RecordedError};
pub use simulated::{Effect, Shape, Simulated};
pub use timed::{FAILED, LATENCY, timed};

use crate::variant::{Assignment, Variant};

/// Two implementations of the same job, and the units that use them.
pub trait Trial: Send + Sync {
    /// Gets ready; nothing of it is measured.
    fn warm_up(&self) -> impl Future<Output = flowgen::Result> + Send {
        std::future::ready(Ok(()))
    }

    /// The next units that come by, at most so many, after so many that came before. An empty list
    /// means that no more will come.
    fn arrivals(
        &self,
        before: usize,
        most: usize,
    ) -> impl Future<Output = flowgen::Result<Vec<String>>> + Send;

    /// Gives a unit its variant. Nobody but who replays an experiment has a reason to do otherwise.
    fn assign(&self, unit: &str, assignment: &Assignment) -> Variant {
        assignment.variant(unit)
    }

    /// Lets a unit use its variant, and gives a value for each column of the plan, in the order of
    /// [`Draft::columns`](crate::plan::Draft::columns). A unit that gets lost has none.
    fn measure(
        &self,
        unit: &str,
        variant: Variant,
    ) -> impl Future<Output = flowgen::Result<Option<Vec<f64>>>> + Send;
}
