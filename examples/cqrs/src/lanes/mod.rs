//! The lanes of both sides, one file each.

mod commands;
mod event_store;
mod follower;
mod outbox;
mod projection;
mod queries;

pub use commands::Commands;
pub use event_store::EventStore;
pub use follower::Follower;
pub use outbox::{Outbox, Receiver};
pub use projection::Projection;
pub use queries::Queries;
