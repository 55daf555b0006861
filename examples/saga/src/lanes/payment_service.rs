//! The lane `Payment Service`: charges cards.

use flowgen::{Effect, Result, Visit};

use super::Register;
use crate::Order;
use crate::drawing::payment_service::{self as drawn, PaymentAccepted};

/// Charges cards.
#[derive(Debug, Default)]
pub struct PaymentService {
    /// What was charged, in cents.
    charges: Register<u64>,
}

impl PaymentService {
    /// The charges that stand, in cents.
    #[must_use]
    pub fn charges(&self) -> Vec<u64> {
        self.charges.all()
    }
}

impl drawn::PaymentService<Order> for PaymentService {
    async fn charge_payment(&self, order: &mut Order, visit: &Visit) -> Result<Effect> {
        if order.cents > order.card.limit {
            return Ok(Effect::NotDone);
        }
        self.charges.enter(visit, order.cents);
        order.is_paid = true;
        Ok(Effect::Done)
    }

    async fn payment_accepted(&self, order: &Order) -> Result<PaymentAccepted> {
        Ok(if order.is_paid { PaymentAccepted::Yes } else { PaymentAccepted::No })
    }
}

impl drawn::Compensation<Order> for PaymentService {
    async fn refund_payment(&self, _: &mut Order, visit: &Visit) -> Result {
        self.charges.undo(visit);
        Ok(())
    }
}
