//! The lane `Order Service`: manages orders and the stock.

use flowgen::{Effect, Result, Visit};

use super::{Amounts, Books, Register};
use crate::Order;
use crate::drawing::order_service::{self as drawn, InStock};

/// The register of orders.
pub(super) const ORDERS: &str = "orders";

/// The register of reserved pieces.
pub(super) const RESERVED: &str = "reserved";

/// Stores orders and reserves pieces for them.
#[derive(Debug)]
pub struct OrderService {
    orders: Register<Order>,
    /// The reserved pieces.
    reserved: Amounts,
}

impl OrderService {
    /// Creates a service with this many pieces in stock that stores its orders in these books.
    #[must_use]
    pub fn new(books: &Books, pieces: u32) -> Self {
        Self { orders: books.register(ORDERS), reserved: Amounts::new(books, RESERVED, pieces.into()) }
    }

    /// The orders that have not been undone.
    ///
    /// # Errors
    ///
    /// The books can't be read.
    pub async fn orders(&self) -> Result<Vec<Order>> {
        self.orders.all().await
    }

    /// The number of pieces that are not reserved.
    ///
    /// # Errors
    ///
    /// The books can't be read.
    pub async fn stock(&self) -> Result<u64> {
        self.reserved.left().await
    }
}

impl drawn::OrderService<Order> for OrderService {
    async fn create_order(&self, order: &mut Order, visit: &Visit) -> Result<Effect> {
        self.orders.enter(visit, order.clone()).await?;
        Ok(Effect::Done)
    }

    async fn reserve_inventory(&self, order: &mut Order, visit: &Visit) -> Result<Effect> {
        order.is_reserved = self.reserved.take(visit, order.pieces.into()).await?;
        Ok(if order.is_reserved { Effect::Done } else { Effect::NotDone })
    }

    async fn in_stock(&self, order: &Order, _: &Visit) -> Result<InStock> {
        Ok(if order.is_reserved { InStock::Yes } else { InStock::No })
    }
}

impl drawn::Compensation<Order> for OrderService {
    async fn release_inventory(&self, _: &mut Order, visit: &Visit) -> Result {
        self.reserved.give_back(visit).await
    }

    async fn cancel_order(&self, _: &mut Order, visit: &Visit) -> Result {
        self.orders.undo(visit).await
    }
}
