//! What the controller needs of a load balancer.

use std::error::Error;
use std::fmt::Debug;

use futures_util::future::BoxFuture;

use super::upstream::{Assignment, Figures, Standing};
use crate::instance::Instance;

/// A load balancer that sends all requests to one of two versions.
///
/// An implementation remembers the assignment over its own restart and that of the controller. A version is
/// drained when it is not live and [`Standing::in_flight`] is 0.
pub trait LoadBalancer: Debug + Send + Sync {
    /// The live and the previous instances, with their counts. If a switch was interrupted, completes it first.
    ///
    /// # Errors
    ///
    /// The balancer does not answer, or refuses the request.
    fn standing(&self) -> BoxFuture<'_, Result<Standing, BalancerError>>;

    /// Sends all requests that arrive from now on to another instance, at its address. Idempotent: a repeated call
    /// completes an interrupted one. At no time, requests go to both instances or to none.
    ///
    /// # Errors
    ///
    /// The balancer does not answer, or has a newer generation.
    fn switch<'a>(&'a self, wanted: &'a Assignment) -> BoxFuture<'a, Result<Standing, BalancerError>>;
}

/// Error from a call to a load balancer.
#[derive(Debug, thiserror::Error)]
pub enum BalancerError {
    /// The balancer does not answer. A later call may succeed.
    #[error("{0} does not answer")]
    Silent(String, #[source] Box<dyn Error + Send + Sync>),
    /// The balancer refuses the request, or can't be used as it is configured.
    #[error("{0} refuses: {1}")]
    Refused(String, String),
}

impl Standing {
    /// The counts of an instance. `None` if it has never been live or was forgotten.
    #[must_use]
    pub fn of(&self, instance: &Instance) -> Option<&Figures> {
        self.backends.iter().find(|figures| figures.instance.id == instance.id)
    }

    /// The number of requests in flight to an instance.
    #[must_use]
    pub fn in_flight(&self, instance: &Instance) -> usize {
        self.of(instance).map_or(0, |figures| figures.in_flight)
    }

    /// Whether this instance is live.
    #[must_use]
    pub fn is_live(&self, instance: &Instance) -> bool {
        self.live.instance.as_ref().is_some_and(|live| live.id == instance.id)
    }
}
