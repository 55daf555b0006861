//! The lane `Saga Orchestrator`: confirms orders, and reports those that failed.

use flowgen::{Result, Visit};

use super::Register;
use crate::Order;
use crate::drawing::orchestrator as drawn;

/// Tells customers what became of their orders.
#[derive(Debug, Default)]
pub struct Orchestrator {
    letters: Register<String>,
}

impl Orchestrator {
    /// What customers were told.
    #[must_use]
    pub fn letters(&self) -> Vec<String> {
        self.letters.all()
    }
}

impl drawn::Orchestrator<Order> for Orchestrator {
    async fn confirm_order(&self, order: &mut Order, visit: &Visit) -> Result {
        let Order { pieces, destination, .. } = order;
        self.letters.enter(visit, format!("{pieces} pieces are on their way to {destination}"));
        Ok(())
    }

    async fn trigger_rollback(&self, _: &mut Order, _: &Visit) -> Result {
        Ok(())
    }

    async fn report_failure(&self, order: &mut Order, visit: &Visit) -> Result {
        let reason = match order {
            Order { is_reserved: false, .. } => "is out of stock",
            Order { is_paid: false, .. } => "was not paid",
            _ => "could not be shipped",
        };
        self.letters.enter(visit, format!("the order for {} {reason}", order.destination));
        Ok(())
    }
}
