//! What a run carries along.

use serde::{Deserialize, Serialize};

/// An order, and what became of it so far. It is saved with its run after each step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// How many pieces are wanted.
    pub pieces: u32,
    /// What they cost together, in cents.
    pub cents: u64,
    /// Where it goes.
    pub destination: String,
    /// The pieces are set aside.
    pub is_reserved: bool,
    /// The payment went through.
    pub is_paid: bool,
    /// The shipment is booked.
    pub is_scheduled: bool,
}

impl Order {
    /// An order of which nothing is done yet.
    #[must_use]
    pub fn new(pieces: u32, cents: u64, destination: &str) -> Self {
        let destination = destination.to_owned();
        Self { pieces, cents, destination, is_reserved: false, is_paid: false, is_scheduled: false }
    }

    /// Does the customer want the same with this order? What became of it does not count, nor the price of its day.
    pub(crate) fn wants_the_same(&self, other: &Self) -> bool {
        (self.pieces, &self.destination) == (other.pieces, &other.destination)
    }
}
