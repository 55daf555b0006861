//! Orders, and the engines that run them: SQLite, or a Temporal server.

mod customer;
mod embedded;
mod retention;
mod runs;
#[cfg(feature = "temporal")]
mod temporal;

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use flowgen::report::{PathEntry, Report, Status};
use flowgen::{Fault, Node as _, Runner, Scope, Timed, TokioClock, Visit};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use serde::{Deserialize as _, Serialize};
use tokio::task::JoinHandle;

use crate::drawing::Node;
use crate::lanes::{self, Books};
use crate::service::in_full;
use crate::service::metrics::{Metrics, OfStatus, RunsEnded};
use crate::settings::Settings;
use crate::{Order, OrderFlow, shop};
pub(crate) use customer::is_plain;
pub use customer::{Customer, Reader};
use embedded::Embedded;
use runs::{Found, Runs};

/// All orders, finished and unfinished. Clones share the same state.
#[derive(Clone, Debug)]
pub struct Orders {
    runs: Arc<dyn Runs>,
    books: Books,
    /// The price of a piece, in cents.
    cents: u64,
    /// The task that deletes old orders.
    deletion: Arc<JoinHandle<()>>,
    metrics: Metrics,
    unfinished: Family<OfStatus, Gauge>,
}

/// The most orders that are read for one page.
const LOOKED_AT: usize = 2_000;

/// The runner of the flow, with its clock and its observer.
type OrderRunner = Runner<OrderFlow, Timed<TokioClock>, RunsEnded>;

/// Whether a call placed the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placed {
    /// The order was placed by this call.
    Now,
    /// An order with this id already exists. It is unchanged.
    Before,
}

/// The state and history of an order.
#[derive(Clone, Debug, Serialize)]
pub struct OrderView {
    id: String,
    status: Status,
    /// The status in words, with the reason.
    outcome: String,
    /// Why the unfinished order is halted: it could not be saved.
    #[serde(skip_serializing_if = "Option::is_none")]
    halted: Option<String>,
    /// The active nodes.
    at: Vec<String>,
    walk: Vec<String>,
    /// The undone steps, in the order of undoing.
    undone: Vec<String>,
    owed: Vec<Owed>,
    /// The order as it was last saved.
    order: serde_json::Value,
}

/// A step whose compensation failed.
#[derive(Clone, Debug, Serialize)]
struct Owed {
    /// The node id in the drawing. Operators refer to the step by it.
    step: String,
    nth: u32,
    label: String,
    fault: Option<String>,
}

/// A page of a list.
#[derive(Clone, Debug)]
pub struct Page {
    /// The newest first.
    pub orders: Vec<Listed>,
    /// The cursor of the next page, if there is one. Even a page with fewer orders than requested can have a next
    /// page.
    pub next: Option<String>,
}

/// An order in a list.
#[derive(Clone, Debug, Serialize)]
pub struct Listed {
    id: String,
    status: Status,
    /// Why the unfinished order is halted: it could not be saved.
    #[serde(skip_serializing_if = "Option::is_none")]
    halted: Option<String>,
    href: String,
}

/// The result of retrying stuck orders.
#[derive(Clone, Debug, Serialize)]
pub struct Retried {
    /// The number of orders that continue.
    retried: usize,
    /// Why the other orders were not retried.
    refused: Vec<String>,
    /// The value of `after` for the next call, if more orders may be stuck.
    next: Option<i64>,
}

/// Error from an operation on orders.
#[derive(Clone, Debug, thiserror::Error)]
pub enum OrdersError {
    /// There is no order with this id.
    #[error("there is no order `{0}`")]
    Unknown(String),
    /// The state of the order does not allow this operation.
    #[error("{0}")]
    Conflict(String),
    /// The operation may succeed if it is retried: too many orders are unfinished, or the file that stores them is
    /// locked or full.
    #[error(transparent)]
    NotNow(Arc<dyn Error + Send + Sync>),
    /// The idempotency key was already used for an order with other content.
    #[error("the key of the order `{0}` was used for an order with another content")]
    OtherOrder(String),
    /// The cursor of a list is invalid.
    #[error("`{0}` is no cursor of a list of orders")]
    Cursor(String),
    /// The entries of the services for an order can't be deleted.
    #[error("the services' books can't be written")]
    Books(#[source] Arc<dyn Error + Send + Sync>),
    /// The engine failed.
    #[error(transparent)]
    Failed(Arc<dyn Error + Send + Sync>),
}

impl OrdersError {
    fn failed(error: impl Error + Send + Sync + 'static) -> Self {
        Self::Failed(Arc::new(error))
    }
}

impl Orders {
    /// Opens the store of the orders and resumes the unfinished ones.
    ///
    /// # Errors
    ///
    /// The file can't be opened or is in use by another process, or the server does not answer.
    pub async fn open(settings: &Settings, books: &Books) -> Result<Self, OrdersError> {
        let metrics = Metrics::default();
        let seed = u64::from(std::process::id());
        let runner = shop(books, &settings.shop)
            .into_runner()
            .clock(TokioClock)
            .retry(Scope::All, settings.retry.policy(seed))
            .timeout(Scope::All, settings.retry.timeout())
            .limit(Scope::All, settings.at_once.steps)
            .observer(metrics.runs_of(Node::PLAN));
        let unfinished = Family::default();
        metrics.register("orders", "Orders that are under way or stuck", unfinished.clone());
        let runs: Arc<dyn Runs> = match &settings.temporal {
            #[cfg(feature = "temporal")]
            Some(server) => Arc::new(temporal::OnTemporal::start(server, runner).await?),
            // Without the feature, settings with a server are rejected.
            _ => Arc::new(Embedded::open(settings, runner).await?),
        };
        let deletion = retention::delete_regularly(&runs, books.clone(), settings.keep_ended());
        let (books, cents) = (books.clone(), settings.shop.cents);
        Ok(Self { runs, books, cents, deletion: Arc::new(deletion), metrics, unfinished })
    }

    /// Creates an order at the current price. Returns `None` if these values are not valid for an order.
    #[must_use]
    pub fn order(&self, pieces: u32, destination: &str) -> Option<Order> {
        let cents = self.cents.checked_mul(u64::from(pieces))?;
        (pieces > 0).then(|| Order::new(pieces, cents, destination))
    }

    /// The order id for the idempotency key of a customer.
    #[must_use]
    pub fn name(&self, customer: &Customer, key: &str) -> String {
        customer.order(key)
    }

    /// Places an order under this id, once. Returns after it has been saved. An order that was placed before is found
    /// even while new orders are refused.
    ///
    /// # Errors
    ///
    /// An order with this id exists and asks for something else, or the order could not be saved and was not
    /// placed.
    pub async fn place(&self, id: &str, order: Order) -> Result<Placed, OrdersError> {
        let refused = match self.runs.start(id.to_owned(), order.clone()).await {
            Ok(Placed::Now) => return Ok(Placed::Now),
            Ok(Placed::Before) => None,
            Err(why @ OrdersError::NotNow(_)) => Some(why),
            Err(why) => return Err(why),
        };
        let before = match (self.runs.show(id.to_owned()).await, refused) {
            (Ok((_, before, _)), _) => Order::deserialize(before).map_err(OrdersError::failed)?,
            // A new order, or one that can't be looked up either.
            (Err(_), Some(refused)) => return Err(refused),
            (Err(why), None) => return Err(why),
        };
        if before.wants_the_same(&order) {
            Ok(Placed::Before)
        } else {
            Err(OrdersError::OtherOrder(id.to_owned()))
        }
    }

    /// Waits until an order has ended. Returns whether it was fulfilled.
    ///
    /// # Errors
    ///
    /// There is no such order, or it could not be saved in the meantime.
    pub async fn through(&self, id: &str) -> Result<bool, OrdersError> {
        self.runs.through(id.to_owned()).await
    }

    /// Returns the state and history of an order.
    ///
    /// # Errors
    ///
    /// There is no such order that the reader may see, or it can't be read.
    pub async fn show(&self, id: &str, reader: &Reader) -> Result<OrderView, OrdersError> {
        if !reader.may_see(id) {
            return Err(OrdersError::Unknown(id.to_owned()));
        }
        let (report, order, halted) = self.runs.show(id.to_owned()).await?;
        Ok(OrderView::new(report, order, halted))
    }

    /// Lists at most `most` orders that the reader may see, of one status or of all, newest first, from a cursor
    /// on. New orders do not shift later pages. A call reads a limited number of orders, so a page can have fewer
    /// orders than requested, or none, and still have a next page.
    ///
    /// # Errors
    ///
    /// The cursor is invalid, or the orders can't be read.
    pub async fn list(
        &self,
        reader: &Reader,
        status: Option<Status>,
        mut after: Option<String>,
        most: usize,
    ) -> Result<Page, OrdersError> {
        let (mut orders, mut looked_at) = (Vec::new(), 0);
        while orders.len() < most && looked_at < LOOKED_AT {
            // Reads one order more than requested, to know whether there is a next page.
            let found = self.runs.list(status, after.clone(), most + 1).await?;
            let is_last = found.len() <= most;
            looked_at += found.len();
            for Found { id, status, halted, cursor } in found {
                if orders.len() == most {
                    return Ok(Page { orders, next: after });
                }
                after = Some(cursor);
                if reader.may_see(&id) {
                    orders.push(Listed { href: format!("/orders/{id}"), id, status, halted });
                }
            }
            if is_last {
                return Ok(Page { orders, next: None });
            }
        }
        Ok(Page { orders, next: after })
    }

    /// Deletes the orders that ended before this time, with all entries of the services for them. Their keys can
    /// be used again. Stuck and unfinished orders are kept. Returns the number of deleted orders.
    ///
    /// # Errors
    ///
    /// An order can't be deleted. Others may have been deleted. The next call deletes the rest.
    pub async fn delete_ended_before(&self, time: SystemTime) -> Result<usize, OrdersError> {
        retention::delete_ended_before(&*self.runs, &self.books, time).await
    }

    /// The metrics of the service.
    #[must_use]
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// Updates the gauges of unfinished and stuck orders.
    pub async fn update_metrics(&self) {
        let unfinished =
            [("running", Status::Running), ("rolling_back", Status::RollingBack), ("stuck", Status::Stuck)];
        for (name, status) in unfinished {
            match self.runs.count(status).await {
                Ok(Some(count)) => {
                    self.unfinished.get_or_create(&OfStatus { status: name }).set(count.cast_signed());
                }
                Ok(None) => {}
                Err(why) => tracing::error!(why = in_full(&why), "orders could not be counted"),
            }
        }
    }

    /// Retries the failed compensations of a stuck order.
    ///
    /// # Errors
    ///
    /// The order is not stuck, or there is none with this id.
    pub async fn retry(&self, id: &str) -> Result<(), OrdersError> {
        self.runs.retry(id.to_owned()).await
    }

    /// Retries the failed compensations of at most `most` stuck orders, oldest first. `after` is the value of
    /// [`next`](Retried) of the previous call.
    ///
    /// # Errors
    ///
    /// The stuck orders can't be read.
    pub async fn retry_stuck(&self, after: Option<i64>, most: u32) -> Result<Retried, OrdersError> {
        self.runs.retry_stuck(after, usize::try_from(most).unwrap_or(usize::MAX)).await
    }

    /// Why new orders are refused at the moment, or `None` if they are accepted.
    #[must_use]
    pub fn why_not_now(&self) -> Option<String> {
        self.runs.why_not_now()
    }

    /// Records that an operator undoes a step manually. First leaves a mark under the key of the step, so that an
    /// attempt that is still in progress has no effect later.
    ///
    /// # Errors
    ///
    /// This step is not stuck, there is no order with this id, or the mark can't be written.
    pub async fn resolve(&self, id: &str, step: &str, nth: u32) -> Result<(), OrdersError> {
        let node = named(step)?;
        let (report, ..) = self.runs.show(id.to_owned()).await?;
        // A mark refuses a step for good. A step that is stuck is never begun again.
        let is_stuck = report.stuck.iter().any(|owed| owed.node.id == node.spec().id && owed.visit == nth);
        if is_stuck && let Some(register) = lanes::register_of(node) {
            self.books.refuse(register, &Visit::new(id, node.spec(), nth)).await?;
        }
        self.runs.resolve(id.to_owned(), node, nth).await
    }

    /// Skips the compensation of a step.
    ///
    /// # Errors
    ///
    /// This step is not stuck, or there is no order with this id.
    pub async fn skip(&self, id: &str, step: &str, nth: u32) -> Result<(), OrdersError> {
        self.runs.skip(id.to_owned(), named(step)?, nth).await
    }

    /// Cancels an unfinished order and undoes its steps.
    ///
    /// # Errors
    ///
    /// The order has ended, or there is none with this id.
    pub async fn cancel(&self, id: &str) -> Result<(), OrdersError> {
        if self.runs.cancel(id.to_owned()).await? {
            return Ok(());
        }
        Err(OrdersError::Conflict(format!("the order `{id}` is through: it can't be cancelled")))
    }

    /// Waits until the engine can't continue, possibly forever. Returns the reason.
    pub async fn broken(&self) -> OrdersError {
        self.runs.broken().await
    }

    /// Stops the engine. Each order has `grace` to finish its current step.
    pub async fn close(&self, grace: Duration) {
        self.deletion.abort();
        self.runs.close(grace).await;
    }
}

/// Whether a run with this status has ended. A stuck run has not ended.
fn has_ended(status: Status) -> bool {
    status.is_over() && status != Status::Stuck
}

impl From<Fault> for OrdersError {
    fn from(fault: Fault) -> Self {
        Self::Books(Arc::from(Box::<dyn Error + Send + Sync>::from(format!("{fault:#}"))))
    }
}

/// The node with this id.
fn named(step: &str) -> Result<Node, OrdersError> {
    Node::find(step).ok_or_else(|| OrdersError::Conflict(format!("the drawing has no step `{step}`")))
}

impl OrderView {
    fn new(report: Report, order: serde_json::Value, halted: Option<String>) -> Self {
        let owed = report.stuck.into_iter().map(|debt| Owed {
            step: debt.node.id,
            nth: debt.visit,
            label: debt.node.label,
            fault: debt.fault,
        });
        Self {
            id: report.run,
            status: report.status,
            outcome: report.summary,
            halted,
            at: report.at.into_iter().map(|active| active.node.label).collect(),
            walk: report.path.iter().map(PathEntry::to_string).collect(),
            undone: report.undone.into_iter().map(|step| step.label).collect(),
            owed: owed.collect(),
            order,
        }
    }
}
