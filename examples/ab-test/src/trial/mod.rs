//! The trial: the implementations to compare, and the units that use them.

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
    /// Prepares the implementations. Nothing is measured yet.
    fn warm_up(&self) -> impl Future<Output = flowgen::Result> + Send {
        std::future::ready(Ok(()))
    }

    /// The next units, at most `most`, after the `before` units that have already arrived. An empty list means
    /// that no more units will arrive.
    fn arrivals(
        &self,
        before: usize,
        most: usize,
    ) -> impl Future<Output = flowgen::Result<Vec<String>>> + Send;

    /// Assigns a variant to a unit. Only a replayed experiment needs another implementation of this method.
    fn assign(&self, unit: &str, assignment: &Assignment) -> Variant {
        assignment.variant(unit)
    }

    /// Lets a unit use its variant. Returns a value for each column of the plan, in the order of
    /// [`Draft::columns`](crate::plan::Draft::columns), or `None` if the unit was lost.
    fn measure(
        &self,
        unit: &str,
        variant: Variant,
    ) -> impl Future<Output = flowgen::Result<Option<Vec<f64>>>> + Send;
}
