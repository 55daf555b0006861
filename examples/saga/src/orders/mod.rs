//! Orders, and the engines that run them: in a file, or on a Temporal server.

mod embedded;
mod runs;
#[cfg(feature = "temporal")]
mod temporal;

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use flowgen::report::{Report, Status, Stop};
use flowgen::{Node as _, Runner, Scope, Timed, TokioClock};
use serde::Serialize;

use crate::drawing::Node;
use crate::lanes::Books;
use crate::settings::Settings;
use crate::{Order, OrderFlow, shop};
use embedded::Embedded;
use runs::Runs;

/// All orders, those under way among them. A handle: clones are the same.
#[derive(Clone, Debug)]
pub struct Orders {
    runs: Arc<dyn Runs>,
    /// What a piece costs.
    cents: u64,
}

/// The services, and how they are tried again.
type OrderRunner = Runner<OrderFlow, Timed<TokioClock>>;

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
        let seed = u64::from(std::process::id());
        let runner = shop(books, &settings.shop)
            .into_runner()
            .clock(TokioClock)
            .retry(Scope::All, settings.retry.policy(seed))
            .timeout(Scope::All, settings.retry.timeout())
            .limit(Scope::All, settings.at_once.steps);
        let runs: Arc<dyn Runs> = match &settings.temporal {
            #[cfg(feature = "temporal")]
            Some(server) => Arc::new(temporal::OnTemporal::start(server, runner).await?),
            // Without the feature, settings with a server are refused.
            _ => Arc::new(Embedded::open(settings, runner).await?),
        };
        Ok(Self { runs, cents: settings.shop.cents })
    }

    /// An order of so many pieces, at today's price. `None` where there is no such order.
    #[must_use]
    pub fn order(&self, pieces: u32, destination: &str) -> Option<Order> {
        let cents = self.cents.checked_mul(u64::from(pieces))?;
        (pieces > 0).then(|| Order::new(pieces, cents, destination))
    }

    /// Places an order under this name, once, and says so when it is safe.
    ///
    /// # Errors
    ///
    /// It could not be saved; it was not placed then.
    pub async fn place(&self, id: &str, order: Order) -> Result<Placed, OrdersError> {
        self.runs.start(id.to_owned(), order).await
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
    /// There is no such order, or it can't be read.
    pub async fn show(&self, id: &str) -> Result<OrderView, OrdersError> {
        let (report, order, halted) = self.runs.show(id.to_owned()).await?;
        Ok(OrderView::new(report, order, halted))
    }

    /// Orders, of one status or of all: those that are stuck first.
    ///
    /// # Errors
    ///
    /// They can't be read.
    pub async fn list(&self, status: Option<Status>, most: u32) -> Result<Vec<Listed>, OrdersError> {
        let runs = self.runs.list(status, usize::try_from(most).unwrap_or(usize::MAX)).await?;
        let listed = |(id, status, halted)| Listed { href: format!("/orders/{id}"), id, status, halted };
        Ok(runs.into_iter().map(listed).collect())
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
        self.runs.close(grace).await;
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
