//! The lane `Saga Orchestrator`: confirms orders, and reports those that failed.

use flowgen::{Cause, Result, Visit};

use super::{Books, Register};
use crate::Order;
use crate::drawing::{Node, orchestrator as drawn};

/// The name of the letter that confirms an order. A run has at most one.
const CONFIRMATION: &str = "confirmation";

/// Sends letters to customers about the results of their orders.
#[derive(Debug)]
pub struct Orchestrator {
    letters: Register<String>,
}

impl Orchestrator {
    /// Creates a service that stores its letters in these books.
    #[must_use]
    pub fn new(books: &Books) -> Self {
        Self { letters: books.register("letters") }
    }

    /// The letters sent to customers.
    ///
    /// # Errors
    ///
    /// The books can't be read.
    pub async fn letters(&self) -> Result<Vec<String>> {
        self.letters.all().await
    }
}

impl drawn::Orchestrator<Order> for Orchestrator {
    async fn confirm_order(&self, order: &mut Order, visit: &Visit) -> Result {
        let Order { pieces, destination, .. } = order;
        let letter = format!("{pieces} pieces are on their way to {destination}");
        self.letters.enter_named(CONFIRMATION, visit, letter).await
    }

    async fn trigger_rollback(&self, _: &mut Order, _: &Visit) -> Result {
        Ok(())
    }

    /// Also refuses a confirmation that arrives later.
    async fn report_failure(&self, order: &mut Order, visit: &Visit) -> Result {
        self.letters.refuse(CONFIRMATION, visit).await?;
        let reason = match visit.cause().and_then(Cause::for_flow) {
            Some(Cause::Drawn { from: Node::InStock, .. }) => "is out of stock",
            Some(Cause::Drawn { from: Node::PaymentAccepted, .. }) => "was not paid",
            Some(Cause::Drawn { .. }) => "could not be shipped",
            Some(Cause::Cancelled) => "was cancelled",
            Some(Cause::Fault(_)) | None => "failed through a fault of ours",
        };
        self.letters.enter(visit, format!("the order for {} {reason}", order.destination)).await
    }
}
