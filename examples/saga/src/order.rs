//! The context of a run.

use serde::{Deserialize, Serialize};

/// An order and its progress. It is saved with its run after each step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// The number of pieces ordered.
    pub pieces: u32,
    /// The total price, in cents.
    pub cents: u64,
    /// The destination of the shipment.
    pub destination: String,
    /// The pieces are reserved.
    pub is_reserved: bool,
    /// The payment succeeded.
    pub is_paid: bool,
    /// The shipment is booked.
    pub is_scheduled: bool,
}

impl Order {
    /// An order that has not been processed yet.
    #[must_use]
    pub fn new(pieces: u32, cents: u64, destination: &str) -> Self {
        let destination = destination.to_owned();
        Self { pieces, cents, destination, is_reserved: false, is_paid: false, is_scheduled: false }
    }

    /// Whether both orders ask for the same. Their progress and the price of the day are ignored.
    pub(crate) fn wants_the_same(&self, other: &Self) -> bool {
        (self.pieces, &self.destination) == (other.pieces, &other.destination)
    }
}
