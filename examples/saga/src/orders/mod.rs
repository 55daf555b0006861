//! Orders, and the engines that run them: in a file, or on a Temporal server.

mod customer;
mod embedded;
mod retention;
mod runs;
#[cfg(feature = "temporal")]
mod temporal;

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use flowgen::report::{Report, Status, Stop};
use flowgen::{Fault, Node as _, Runner, Scope, Timed, TokioClock};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use serde::{Deserialize as _, Serialize};
use tokio::task::JoinHandle;

use crate::drawing::Node;
use crate::lanes::Books;
use crate::service::in_full;
use crate::service::metrics::{Metrics, OfStatus, RunsEnded};
use crate::settings::Settings;
use crate::{Order, OrderFlow, shop};
pub(crate) use customer::is_plain;
pub use customer::{Customer, Reader};
use embedded::Embedded;
use runs::{Found, Runs};

/// All orders, those under way among them. A handle: clones are the same.
#[derive(Clone, Debug)]
pub struct Orders {
    runs: Arc<dyn Runs>,
    books: Books,
    /// What a piece costs.
    cents: u64,
    /// Deletes what ended long ago.
    deletion: Arc<JoinHandle<()>>,
    metrics: Metrics,
    unfinished: Family<OfStatus, Gauge>,
}

/// The most orders that are looked at for a page.
const LOOKED_AT: usize = 2_000;

/// The services, and how they are tried again.
type OrderRunner = Runner<OrderFlow, Timed<TokioClock>, RunsEnded>;

/// Was an order placed just now?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placed {
    /// It was.
    Now,
    /// There is one of that name already, and it stays as it is.
    Before,
}

/// Where an order stands, and what happened.
#[derive(Clone, Debug, Serialize)]
pub struct OrderView {
    id: String,
    status: Status,
    /// The same in words, with the reason.
    outcome: String,
    /// Why the order does not go on, though it is not through: it could not be saved.
    #[serde(skip_serializing_if = "Option::is_none")]
    halted: Option<String>,
    /// What is being done.
    at: Vec<String>,
    walk: Vec<String>,
    /// In the order in which it was undone.
    undone: Vec<String>,
    owed: Vec<Owed>,
    /// What is known of the order.
    order: serde_json::Value,
}

/// A step that could not be undone.
#[derive(Clone, Debug, Serialize)]
struct Owed {
    /// Its id in the drawing; operators name it so.
    step: String,
    nth: u32,
    label: String,
    fault: Option<String>,
}

/// A part of a list.
#[derive(Clone, Debug)]
pub struct Page {
    /// The newest first.
    pub orders: Vec<Listed>,
    /// Where the list goes on, if it does. A page may be short all the same.
    pub next: Option<String>,
}

/// An order in a list.
#[derive(Clone, Debug, Serialize)]
pub struct Listed {
    id: String,
    status: Status,
    /// Why the order does not go on, though it is not through: it could not be saved.
    #[serde(skip_serializing_if = "Option::is_none")]
    halted: Option<String>,
    href: String,
}

/// What came of retrying orders that are stuck.
#[derive(Clone, Debug, Serialize)]
pub struct Retried {
    /// How many go on.
    retried: usize,
    /// Why others don't.
    refused: Vec<String>,
    /// Where to go on, if there may be more.
    next: Option<i64>,
}

/// Why something was not done.
#[derive(Clone, Debug, thiserror::Error)]
pub enum OrdersError {
    /// There is no order of this name.
    #[error("there is no order `{0}`")]
    Unknown(String),
    /// The order is not such that this can be done.
    #[error("{0}")]
    Conflict(String),
    /// It can't be done now, and may be possible in a moment: too many orders are under way, or the file that keeps them
    /// is locked or full.
    #[error(transparent)]
    NotNow(Arc<dyn Error + Send + Sync>),
    /// The key of an order was sent with another order.
    #[error("the key of the order `{0}` was used for an order with another content")]
    OtherOrder(String),
    /// A list does not go on there.
    #[error("`{0}` is no cursor of a list of orders")]
    Cursor(String),
    /// What the services have noted of an order can't be deleted.
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
    /// Opens what keeps the orders, and goes on with those that were under way.
    ///
    /// # Errors
    ///
    /// A file that can't be opened, or that another process has; a server that does not answer.
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
            // Without the feature, settings with a server are refused.
            _ => Arc::new(Embedded::open(settings, runner).await?),
        };
        let deletion = retention::delete_regularly(&runs, books.clone(), settings.keep_ended());
        let (books, cents) = (books.clone(), settings.shop.cents);
        Ok(Self { runs, books, cents, deletion: Arc::new(deletion), metrics, unfinished })
    }

    /// An order of so many pieces, at today's price. `None` where there is no such order.
    #[must_use]
    pub fn order(&self, pieces: u32, destination: &str) -> Option<Order> {
        let cents = self.cents.checked_mul(u64::from(pieces))?;
        (pieces > 0).then(|| Order::new(pieces, cents, destination))
    }

    /// The name of the order that a customer has given this key.
    #[must_use]
    pub fn name(&self, customer: &Customer, key: &str) -> String {
        customer.order(key)
    }

    /// Places an order under this name, once, and returns when it is safe.
    ///
    /// # Errors
    ///
    /// There is an order of this name that wants something else. It could not be saved; it was not placed then.
    pub async fn place(&self, id: &str, order: Order) -> Result<Placed, OrdersError> {
        let placed = self.runs.start(id.to_owned(), order.clone()).await?;
        if placed == Placed::Before {
            let (_, before, _) = self.runs.show(id.to_owned()).await?;
            let before = Order::deserialize(before).map_err(OrdersError::failed)?;
            if !before.wants_the_same(&order) {
                return Err(OrdersError::OtherOrder(id.to_owned()));
            }
        }
        Ok(placed)
    }

    /// Waits until an order is through. Says whether it was fulfilled.
    ///
    /// # Errors
    ///
    /// There is no such order, or it could not be saved on the way.
    pub async fn through(&self, id: &str) -> Result<bool, OrdersError> {
        self.runs.through(id.to_owned()).await
    }

    /// Where an order stands, and what happened.
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

    /// The orders that the reader may see, of one status or of all: the newest first, from a cursor on, and at most
    /// so many. Orders that are placed meanwhile move no other. It looks at a limited number of orders, so that a
    /// page may have fewer, or none, and go on all the same.
    ///
    /// # Errors
    ///
    /// The cursor is none; they can't be read.
    pub async fn list(
        &self,
        reader: &Reader,
        status: Option<Status>,
        mut after: Option<String>,
        most: usize,
    ) -> Result<Page, OrdersError> {
        let (mut orders, mut looked_at) = (Vec::new(), 0);
        while orders.len() < most && looked_at < LOOKED_AT {
            // One more than wanted, to know whether there is one.
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

    /// Deletes the orders that ended before this time, with all that the services have noted of them: their keys can
    /// be used again. What is stuck, or under way, stays. Returns how many orders were deleted.
    ///
    /// # Errors
    ///
    /// They can't be deleted; some may be, and the others are the next time.
    pub async fn delete_ended_before(&self, time: SystemTime) -> Result<usize, OrdersError> {
        retention::delete_ended_before(&*self.runs, &self.books, time).await
    }

    /// The figures of the service.
    #[must_use]
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// Brings the figures of orders that are under way or stuck up to date.
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

    /// Tries once more to undo what is owed.
    ///
    /// # Errors
    ///
    /// The order is not stuck, or not there.
    pub async fn retry(&self, id: &str) -> Result<(), OrdersError> {
        self.runs.retry(id.to_owned()).await
    }

    /// Tries once more to undo what is owed, in so many orders that are stuck, the oldest first, or those after the one
    /// that was [`next`](Retried) the last time.
    ///
    /// # Errors
    ///
    /// They can't be read.
    pub async fn retry_stuck(&self, after: Option<i64>, most: u32) -> Result<Retried, OrdersError> {
        self.runs.retry_stuck(after, usize::try_from(most).unwrap_or(usize::MAX)).await
    }

    /// Why no orders are wanted now, if that is so.
    #[must_use]
    pub fn why_not_now(&self) -> Option<String> {
        self.runs.why_not_now()
    }

    /// Says that somebody has undone a step by hand.
    ///
    /// # Errors
    ///
    /// The order is not stuck with that, or not there.
    pub async fn resolve(&self, id: &str, step: &str, nth: u32) -> Result<(), OrdersError> {
        self.runs.resolve(id.to_owned(), named(step)?, nth).await
    }

    /// Gives up undoing a step.
    ///
    /// # Errors
    ///
    /// The order is not stuck with that, or not there.
    pub async fn skip(&self, id: &str, step: &str, nth: u32) -> Result<(), OrdersError> {
        self.runs.skip(id.to_owned(), named(step)?, nth).await
    }

    /// Undoes an order that is under way.
    ///
    /// # Errors
    ///
    /// The order is through, or not there.
    pub async fn cancel(&self, id: &str) -> Result<(), OrdersError> {
        if self.runs.cancel(id.to_owned()).await? {
            return Ok(());
        }
        Err(OrdersError::Conflict(format!("the order `{id}` is through: it can't be cancelled")))
    }

    /// Waits until the engine can't go on, which may be never. Says why.
    pub async fn broken(&self) -> OrdersError {
        self.runs.broken().await
    }

    /// Lets each order finish the step that it is in, for so long, and stops.
    pub async fn close(&self, grace: Duration) {
        self.deletion.abort();
        self.runs.close(grace).await;
    }
}

/// Has a run of this status ended? One that is stuck has not.
fn has_ended(status: Status) -> bool {
    status.is_over() && status != Status::Stuck
}

impl From<Fault> for OrdersError {
    fn from(fault: Fault) -> Self {
        Self::Books(Arc::from(Box::<dyn Error + Send + Sync>::from(format!("{fault:#}"))))
    }
}

/// The step with this id.
fn named(step: &str) -> Result<Node, OrdersError> {
    Node::find(step).ok_or_else(|| OrdersError::Conflict(format!("the drawing has no step `{step}`")))
}

impl OrderView {
    fn new(report: Report, order: serde_json::Value, halted: Option<String>) -> Self {
        let owed = report.stuck.into_iter().map(|debt| Owed {
            step: debt.place.node,
            nth: debt.nth,
            label: debt.place.label,
            fault: debt.fault,
        });
        Self {
            id: report.run,
            status: report.status,
            outcome: report.summary,
            halted,
            at: report.at.into_iter().map(|standing| standing.place.label).collect(),
            walk: report.path.iter().map(Stop::to_string).collect(),
            undone: report.undone.into_iter().map(|step| step.label).collect(),
            owed: owed.collect(),
            order,
        }
    }
}
