//! What a run carries along.

/// An order, and what became of it so far.
#[derive(Clone, Debug)]
pub struct Order {
    /// What is wanted.
    pub goods: String,
    /// What it costs, in cents.
    pub cents: u64,
    /// The most that the customer's card pays, in cents.
    pub limit: u64,
    /// The card was charged.
    pub is_paid: bool,
}

impl Order {
    /// An order of which nothing is done yet.
    #[must_use]
    pub fn new(goods: &str, cents: u64, limit: u64) -> Self {
        Self { goods: goods.to_owned(), cents, limit, is_paid: false }
    }
}
