//! The engine that runs orders: durable, in a file.

use flowgen::report::{Report, Status, Stop};
use flowgen::{Node as _, Scope, TokioClock};
use flowgen_sqlite::{Engine, Error, List, Started};
use serde::Serialize;

use crate::drawing::Node;
use crate::lanes::Books;
use crate::settings::Settings;
use crate::{Order, shop};

/// All orders, those under way among them. A handle: clones are the same.
#[derive(Clone, Debug)]
pub struct Orders {
    engine: Engine<Node, Order>,
    /// What a piece costs.
    cents: u64,
}

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
    href: String,
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
    /// The engine failed.
    #[error(transparent)]
    Failed(Error),
}

impl From<Error> for OrdersError {
    fn from(error: Error) -> Self {
        match error {
            Error::Unknown { run } => Self::Unknown(run),
            Error::NotStuck { .. } | Error::Busy { .. } => Self::Conflict(error.to_string()),
            other => Self::Failed(other),
        }
    }
}

impl Orders {
    /// Opens the file of the orders, and goes on with those that were under way.
    ///
    /// # Errors
    ///
    /// A file that can't be opened, or that another process has.
    pub async fn open(settings: &Settings, books: &Books) -> Result<Self, OrdersError> {
        let seed = u64::from(std::process::id());
        let runner = shop(books, &settings.shop)
            .into_runner()
            .clock(TokioClock)
            .retry(Scope::All, settings.retry.policy(seed))
            .timeout(Scope::All, settings.retry.timeout());
        let engine = Engine::open(settings.folder.join("runs.db"), runner).await?;
        let resumed = engine.resume().await?;
        tracing::info!(orders = resumed.runs, refused = resumed.refused.len(), "took up what was under way");
        Ok(Self { engine, cents: settings.shop.cents })
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
        Ok(match self.engine.start(id, order).await? {
            Started::Anew => Placed::Now,
            Started::Already => Placed::Before,
        })
    }

    /// Waits until an order is through. Says whether it was fulfilled.
    ///
    /// # Errors
    ///
    /// There is no such order, or it could not be saved on the way.
    pub async fn through(&self, id: &str) -> Result<bool, OrdersError> {
        Ok(self.engine.outcome(id).await?.is_completed())
    }

    /// Where an order stands, and what happened.
    ///
    /// # Errors
    ///
    /// There is no such order, or it can't be read.
    pub async fn show(&self, id: &str) -> Result<OrderView, OrdersError> {
        let shown = self.engine.show(id).await?;
        Ok(OrderView::new(shown.report, shown.context))
    }

    /// Orders, of one status or of all: those that are stuck first.
    ///
    /// # Errors
    ///
    /// They can't be read.
    pub async fn list(&self, status: Option<Status>, most: u32) -> Result<Vec<Listed>, OrdersError> {
        let list = status.map_or_else(List::all, |status| List::of([status]));
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let mut runs = self.engine.list(list.at_most(most)).await?;
        runs.truncate(most);
        let listed = |run: String, status| Listed { href: format!("/orders/{run}"), id: run, status };
        Ok(runs.into_iter().map(|summary| listed(summary.run, summary.status)).collect())
    }

    /// Tries once more to undo what is owed.
    ///
    /// # Errors
    ///
    /// The order is not stuck, or not there.
    pub async fn retry(&self, id: &str) -> Result<(), OrdersError> {
        Ok(self.engine.retry(id).await?)
    }

    /// Says that somebody has undone a step by hand.
    ///
    /// # Errors
    ///
    /// The order is not stuck with that, or not there.
    pub async fn resolve(&self, id: &str, step: &str, nth: u32) -> Result<(), OrdersError> {
        self.engine.resolve(id, named(step)?, nth).await?;
        Ok(())
    }

    /// Gives up undoing a step.
    ///
    /// # Errors
    ///
    /// The order is not stuck with that, or not there.
    pub async fn skip(&self, id: &str, step: &str, nth: u32) -> Result<(), OrdersError> {
        self.engine.skip(id, named(step)?, nth).await?;
        Ok(())
    }

    /// Undoes an order that is under way.
    ///
    /// # Errors
    ///
    /// The order is through, or not there.
    pub async fn cancel(&self, id: &str) -> Result<(), OrdersError> {
        if self.engine.cancel(id).await? {
            return Ok(());
        }
        Err(OrdersError::Conflict(format!("the order `{id}` is through: it can't be cancelled")))
    }

    /// Lets each order finish the step that it is in, for so long, and closes the file.
    pub async fn close(&self, grace: std::time::Duration) {
        let interrupted = self.engine.shutdown(grace).await;
        tracing::info!(interrupted, "the orders that are under way go on when this is started again");
    }
}

/// The step with this id.
fn named(step: &str) -> Result<Node, OrdersError> {
    Node::find(step).ok_or_else(|| OrdersError::Conflict(format!("the drawing has no step `{step}`")))
}

impl OrderView {
    fn new(report: Report, order: serde_json::Value) -> Self {
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
            at: report.at.into_iter().map(|standing| standing.place.label).collect(),
            walk: report.path.iter().map(Stop::to_string).collect(),
            undone: report.undone.into_iter().map(|step| step.label).collect(),
            owed: owed.collect(),
            order,
        }
    }
}
