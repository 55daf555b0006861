//! What the orders want of an engine.

use std::fmt;
use std::time::{Duration, SystemTime};

use flowgen::report::{Report, Status};
use futures_util::future::BoxFuture;

use super::{OrdersError, Placed, Retried};
use crate::Order;
use crate::drawing::Node;

/// The runs of an engine. What it is asked, it answers once that is kept.
pub trait Runs: fmt::Debug + Send + Sync {
    /// Starts a run under this name, unless there is one.
    fn start(&self, id: String, order: Order) -> Answer<'_, Placed>;

    /// Waits until a run is through. Says whether it completed.
    fn through(&self, id: String) -> Answer<'_, bool>;

    /// A run in the drawing's words, its order, and why it is halted, if it is.
    fn show(&self, id: String) -> Answer<'_, (Report, serde_json::Value, Option<String>)>;

    /// Runs that were started before the one with this cursor, of one status or of all: the newest first, and
    /// at most so many. Runs that are started or end meanwhile move no other.
    fn list(&self, status: Option<Status>, after: Option<String>, most: usize) -> Answer<'_, Vec<Found>>;

    /// How many runs have this status, if the engine counts them.
    fn count(&self, status: Status) -> Answer<'_, Option<u64>>;

    /// Tries once more to undo what is owed.
    fn retry(&self, id: String) -> Answer<'_, ()>;

    /// Tries once more to undo what is owed in so many runs that are stuck, the oldest first.
    fn retry_stuck(&self, after: Option<i64>, most: usize) -> Answer<'_, Retried>;

    /// Why no run is to be started now, if that is so.
    fn why_not_now(&self) -> Option<String>;

    /// Says that somebody has undone a step by hand.
    fn resolve(&self, id: String, step: Node, nth: u32) -> Answer<'_, ()>;

    /// Gives up undoing a step.
    fn skip(&self, id: String, step: Node, nth: u32) -> Answer<'_, ()>;

    /// Rolls back a run that is under way. Says whether it was.
    fn cancel(&self, id: String) -> Answer<'_, bool>;

    /// Did a run end before this time, or is there none of this name? What is stuck has not ended.
    fn ended_before(&self, id: String, time: SystemTime) -> Answer<'_, bool>;

    /// Deletes the runs that ended before this time. Returns how many.
    fn delete_ended_before(&self, time: SystemTime) -> Answer<'_, usize>;

    /// Waits until the engine can't go on, which may be never. Says why.
    fn broken(&self) -> BoxFuture<'_, OrdersError>;

    /// Lets each run finish the step that it is in, for so long, and stops.
    fn close(&self, grace: Duration) -> BoxFuture<'_, ()>;
}

/// A run in a list.
#[derive(Clone, Debug)]
pub struct Found {
    pub id: String,
    pub status: Status,
    /// Why it is halted, if it is.
    pub halted: Option<String>,
    /// Where the list goes on behind it. Only the engine that made it reads it.
    pub cursor: String,
}

/// What comes of what was asked.
pub type Answer<'a, T> = BoxFuture<'a, Result<T, OrdersError>>;
