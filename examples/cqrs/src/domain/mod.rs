//! What an account may do. Nothing here knows of a database, a clock or a network.

mod account;
mod command;
mod event;
mod upcast;

pub use account::{Account, Refusal};
pub use command::{Command, Seen};
pub use event::{Event, Unreadable, Written};

/// The most that an account holds, in cents: any sum of it can be told in every database.
pub const MOST_CENTS: u64 = 1_000_000_000_000_000;
