//! The lane `Payment Service`: charges customers.

use flowgen::{Effect, Result, Visit};

use super::{Books, Register};
use crate::Order;
use crate::drawing::payment_service::{self as drawn, PaymentAccepted};

/// The register of charges.
pub(super) const CHARGES: &str = "charges";

/// Charges customers, up to a limit.
#[derive(Debug)]
pub struct PaymentService {
    /// The charges, in cents.
    charges: Register<u64>,
    /// The highest amount of one charge, in cents.
    limit: u64,
}

impl PaymentService {
    /// Creates a service that declines charges above `limit` cents and stores the others in these books.
    #[must_use]
    pub fn new(books: &Books, limit: u64) -> Self {
        Self { charges: books.register(CHARGES), limit }
    }

    /// The charges that have not been undone, in cents.
    ///
    /// # Errors
    ///
    /// The books can't be read.
    pub async fn charges(&self) -> Result<Vec<u64>> {
        self.charges.all().await
    }
}

impl drawn::PaymentService<Order> for PaymentService {
    async fn charge_payment(&self, order: &mut Order, visit: &Visit) -> Result<Effect> {
        if order.cents > self.limit {
            return Ok(Effect::NotDone);
        }
        self.charges.enter(visit, order.cents).await?;
        order.is_paid = true;
        Ok(Effect::Done)
    }

    async fn payment_accepted(&self, order: &Order, _: &Visit) -> Result<PaymentAccepted> {
        Ok(if order.is_paid { PaymentAccepted::Yes } else { PaymentAccepted::No })
    }
}

impl drawn::Compensation<Order> for PaymentService {
    async fn refund_payment(&self, _: &mut Order, visit: &Visit) -> Result {
        self.charges.undo(visit).await
    }
}
