//! The domain: the rules of an account. It does not depend on a database, a clock or a network.

mod account;
mod command;
mod event;
mod upcast;

pub use account::{Account, Refusal};
pub use command::{Command, Seen};
pub use event::{Event, Unreadable, Written};

/// The highest balance of an account, in cents. Every database can represent sums of it.
pub const MOST_CENTS: u64 = 1_000_000_000_000_000;
