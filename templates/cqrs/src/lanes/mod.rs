//! The two sides, a file each lane.

mod commands;
mod event_store;
mod outbox;
mod projection;
mod queries;

pub use commands::Commands;
pub use event_store::EventStore;
pub use outbox::{Outbox, Receiver};
pub use projection::{Follower, Projection};
pub use queries::Queries;
