//! The lane `Shipping Service`: books shipments.

use flowgen::{Effect, Result, Visit};

use super::Register;
use crate::Order;
use crate::drawing::shipping_service::{self as drawn, ShipmentScheduled};

/// Books shipments to the places it serves.
#[derive(Debug, Default)]
pub struct ShippingService {
    served: Vec<String>,
    /// Where shipments go.
    shipments: Register<String>,
}

impl ShippingService {
    /// A service to these places.
    #[must_use]
    pub fn to(destinations: &[&str]) -> Self {
        let served = destinations.iter().map(ToString::to_string).collect();
        Self { served, ..Self::default() }
    }

    /// Where the shipments go that stand.
    #[must_use]
    pub fn shipments(&self) -> Vec<String> {
        self.shipments.all()
    }
}

impl drawn::ShippingService<Order> for ShippingService {
    async fn schedule_shipment(&self, order: &mut Order, visit: &Visit) -> Result<Effect> {
        if !self.served.contains(&order.destination) {
            return Ok(Effect::NotDone);
        }
        self.shipments.enter(visit, order.destination.clone());
        order.is_scheduled = true;
        Ok(Effect::Done)
    }

    async fn shipment_scheduled(&self, order: &Order) -> Result<ShipmentScheduled> {
        Ok(if order.is_scheduled { ShipmentScheduled::Yes } else { ShipmentScheduled::No })
    }
}

impl drawn::Compensation<Order> for ShippingService {
    async fn cancel_shipment(&self, _: &mut Order, visit: &Visit) -> Result {
        self.shipments.undo(visit);
        Ok(())
    }
}
