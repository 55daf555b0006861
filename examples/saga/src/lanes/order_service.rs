//! The lane `Order Service`: keeps orders and the stock.

use flowgen::{Effect, Result, Visit};

use super::Register;
use crate::Order;
use crate::drawing::order_service::{self as drawn, InStock};

/// Keeps orders, and sets pieces aside for them.
#[derive(Debug, Default)]
pub struct OrderService {
    orders: Register<Order>,
    /// Pieces set aside, by order.
    reserved: Register<u32>,
    /// All pieces, those set aside among them.
    pieces: u32,
}

impl OrderService {
    /// A service with this many pieces in stock.
    #[must_use]
    pub fn with_stock(pieces: u32) -> Self {
        Self { pieces, ..Self::default() }
    }

    /// The orders that stand.
    #[must_use]
    pub fn orders(&self) -> Vec<Order> {
        self.orders.all()
    }

    /// The pieces that are not set aside.
    #[must_use]
    pub fn stock(&self) -> u32 {
        self.left_beside(&self.reserved.all())
    }

    fn left_beside(&self, reserved: &[u32]) -> u32 {
        self.pieces - reserved.iter().sum::<u32>()
    }
}

impl drawn::OrderService<Order> for OrderService {
    async fn create_order(&self, order: &mut Order, visit: &Visit) -> Result<Effect> {
        self.orders.enter(visit, order.clone());
        Ok(Effect::Done)
    }

    async fn reserve_inventory(&self, order: &mut Order, visit: &Visit) -> Result<Effect> {
        let fits = |reserved: &[u32]| order.pieces <= self.left_beside(reserved);
        order.is_reserved = self.reserved.enter_if(visit, order.pieces, fits);
        Ok(if order.is_reserved { Effect::Done } else { Effect::NotDone })
    }

    async fn in_stock(&self, order: &Order) -> Result<InStock> {
        Ok(if order.is_reserved { InStock::Yes } else { InStock::No })
    }
}

impl drawn::Compensation<Order> for OrderService {
    async fn release_inventory(&self, _: &mut Order, visit: &Visit) -> Result {
        self.reserved.undo(visit);
        Ok(())
    }

    async fn cancel_order(&self, _: &mut Order, visit: &Visit) -> Result {
        self.orders.undo(visit);
        Ok(())
    }
}
