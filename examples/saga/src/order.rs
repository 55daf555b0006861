//! What a run carries along.

/// An order, and what became of it so far.
#[derive(Clone, Debug)]
pub struct Order {
    /// How many pieces are wanted.
    pub pieces: u32,
    /// What they cost together, in cents.
    pub cents: u64,
    /// How it is paid.
    pub card: Card,
    /// Where it goes.
    pub destination: String,
    /// The pieces are set aside.
    pub is_reserved: bool,
    /// The payment went through.
    pub is_paid: bool,
    /// The shipment is booked.
    pub is_scheduled: bool,
}

/// A card, which pays up to its limit.
#[derive(Clone, Copy, Debug)]
pub struct Card {
    /// The most that it pays at once, in cents.
    pub limit: u64,
}

impl Order {
    /// An order of which nothing is done yet.
    #[must_use]
    pub fn new(pieces: u32, cents: u64, card: Card, destination: &str) -> Self {
        let destination = destination.to_owned();
        Self { pieces, cents, card, destination, is_reserved: false, is_paid: false, is_scheduled: false }
    }
}
