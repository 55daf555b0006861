//! The lane `Order Service`: keeps orders and the stock.

use flowgen::{Effect, Result, Visit};

use super::{Books, Register};
use crate::Order;
use crate::drawing::order_service::{self as drawn, InStock};

/// Keeps orders, and sets pieces aside for them.
#[derive(Debug)]
pub struct OrderService {
    orders: Register<Order>,
    /// Pieces set aside, by order.
    reserved: Register<u32>,
    /// All pieces, those set aside among them.
    pieces: u32,
}

impl OrderService {
    /// A service with this many pieces in stock, which keeps its orders in these books.
    #[must_use]
    pub fn new(books: &Books, pieces: u32) -> Self {
        Self { orders: books.register("orders"), reserved: books.register("reserved"), pieces }
    }

    /// The orders that stand.
    ///
    /// # Errors
    ///
    /// The books can't be read.
    pub async fn orders(&self) -> Result<Vec<Order>> {
        self.orders.all().await
    }

    /// The pieces that are not set aside.
    ///
    /// # Errors
    ///
    /// The books can't be read.
    pub async fn stock(&self) -> Result<u32> {
        Ok(left(self.pieces, &self.reserved.all().await?))
    }
}

fn left(pieces: u32, reserved: &[u32]) -> u32 {
    reserved.iter().fold(pieces, |left, reserved| left.saturating_sub(*reserved))
}

impl drawn::OrderService<Order> for OrderService {
    async fn create_order(&self, order: &mut Order, visit: &Visit) -> Result<Effect> {
        self.orders.enter(visit, order.clone()).await?;
        Ok(Effect::Done)
    }

    async fn reserve_inventory(&self, order: &mut Order, visit: &Visit) -> Result<Effect> {
        let (wanted, pieces) = (order.pieces, self.pieces);
        let fits = move |reserved: &[u32]| wanted <= left(pieces, reserved);
        order.is_reserved = self.reserved.enter_if(visit, wanted, fits).await?;
        Ok(if order.is_reserved { Effect::Done } else { Effect::NotDone })
    }

    async fn in_stock(&self, order: &Order, _: &Visit) -> Result<InStock> {
        Ok(if order.is_reserved { InStock::Yes } else { InStock::No })
    }
}

impl drawn::Compensation<Order> for OrderService {
    async fn release_inventory(&self, _: &mut Order, visit: &Visit) -> Result {
        self.reserved.undo(visit).await
    }

    async fn cancel_order(&self, _: &mut Order, visit: &Visit) -> Result {
        self.orders.undo(visit).await
    }
}
