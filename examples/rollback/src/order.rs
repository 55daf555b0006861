//! The context of a run.

/// An order and its progress.
#[derive(Clone, Debug)]
pub struct Order {
    /// The goods ordered.
    pub goods: String,
    /// The price, in cents.
    pub cents: u64,
    /// The highest amount that the customer's card pays, in cents.
    pub limit: u64,
    /// The card was charged.
    pub is_paid: bool,
}

impl Order {
    /// An order that has not been processed yet.
    #[must_use]
    pub fn new(goods: &str, cents: u64, limit: u64) -> Self {
        Self { goods: goods.to_owned(), cents, limit, is_paid: false }
    }
}
