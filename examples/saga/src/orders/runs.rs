//! The interface to an engine.

use std::fmt;
use std::time::{Duration, SystemTime};

use flowgen::report::{Report, Status};
use futures_util::future::BoxFuture;

use super::{OrdersError, Placed, Retried};
use crate::Order;
use crate::drawing::Node;

/// The runs of an engine. A method returns after its change has been saved.
pub trait Runs: fmt::Debug + Send + Sync {
    /// Starts a run with this id, unless one exists.
    fn start(&self, id: String, order: Order) -> Answer<'_, Placed>;

    /// Waits until a run has ended. Returns whether it completed.
    fn through(&self, id: String) -> Answer<'_, bool>;

    /// Returns the report of a run, its order, and the reason if the run is halted.
    fn show(&self, id: String) -> Answer<'_, (Report, serde_json::Value, Option<String>)>;

    /// Lists at most `most` runs that were started before the one with this cursor, of one status or of all,
    /// newest first. Runs that start or end in the meantime do not shift later pages.
    fn list(&self, status: Option<Status>, after: Option<String>, most: usize) -> Answer<'_, Vec<Found>>;

    /// The number of runs with this status, or `None` if the engine does not count them.
    fn count(&self, status: Status) -> Answer<'_, Option<u64>>;

    /// Retries the failed compensations of a run.
    fn retry(&self, id: String) -> Answer<'_, ()>;

    /// Retries the failed compensations of at most `most` stuck runs, oldest first.
    fn retry_stuck(&self, after: Option<i64>, most: usize) -> Answer<'_, Retried>;

    /// Why no run can be started at the moment, or `None` if one can.
    fn why_not_now(&self) -> Option<String>;

    /// Records that an operator has undone a step manually.
    fn resolve(&self, id: String, step: Node, nth: u32) -> Answer<'_, ()>;

    /// Skips the compensation of a step.
    fn skip(&self, id: String, step: Node, nth: u32) -> Answer<'_, ()>;

    /// Rolls back an unfinished run. Returns `false` if it has already ended.
    fn cancel(&self, id: String) -> Answer<'_, bool>;

    /// Whether the run ended before this time or does not exist. A stuck run has not ended.
    fn ended_before(&self, id: String, time: SystemTime) -> Answer<'_, bool>;

    /// Deletes the runs that ended before this time. Returns their number.
    fn delete_ended_before(&self, time: SystemTime) -> Answer<'_, usize>;

    /// Waits until the engine can't continue, possibly forever. Returns the reason.
    fn broken(&self) -> BoxFuture<'_, OrdersError>;

    /// Stops the engine. Each run has `grace` to finish its current step.
    fn close(&self, grace: Duration) -> BoxFuture<'_, ()>;
}

/// A run in a list.
#[derive(Clone, Debug)]
pub struct Found {
    pub id: String,
    pub status: Status,
    /// Why the run is halted, if it is.
    pub halted: Option<String>,
    /// The cursor of the list after this run. Its format depends on the engine.
    pub cursor: String,
}

/// The future result of a request to the engine.
pub type Answer<'a, T> = BoxFuture<'a, Result<T, OrdersError>>;
