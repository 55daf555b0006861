//! The lane `Shipping Service`: books shipments.

use flowgen::{Effect, Result, Visit};

use super::{Books, Register};
use crate::Order;
use crate::drawing::shipping_service::{self as drawn, ShipmentScheduled};

/// The register of shipments.
pub(super) const SHIPMENTS: &str = "shipments";

/// Books shipments to the destinations it serves.
#[derive(Debug)]
pub struct ShippingService {
    served: Vec<String>,
    /// The destinations of the shipments.
    shipments: Register<String>,
}

impl ShippingService {
    /// Creates a service for these destinations that stores its shipments in these books.
    #[must_use]
    pub fn new(books: &Books, destinations: &[String]) -> Self {
        Self { served: destinations.to_vec(), shipments: books.register(SHIPMENTS) }
    }

    /// The destinations of the shipments that have not been undone.
    ///
    /// # Errors
    ///
    /// The books can't be read.
    pub async fn shipments(&self) -> Result<Vec<String>> {
        self.shipments.all().await
    }
}

impl drawn::ShippingService<Order> for ShippingService {
    async fn schedule_shipment(&self, order: &mut Order, visit: &Visit) -> Result<Effect> {
        if !self.served.contains(&order.destination) {
            return Ok(Effect::NotDone);
        }
        self.shipments.enter(visit, order.destination.clone()).await?;
        order.is_scheduled = true;
        Ok(Effect::Done)
    }

    async fn shipment_scheduled(&self, order: &Order, _: &Visit) -> Result<ShipmentScheduled> {
        Ok(if order.is_scheduled { ShipmentScheduled::Yes } else { ShipmentScheduled::No })
    }
}

impl drawn::Compensation<Order> for ShippingService {
    async fn cancel_shipment(&self, _: &mut Order, visit: &Visit) -> Result {
        self.shipments.undo(visit).await
    }
}
