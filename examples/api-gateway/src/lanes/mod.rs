//! The lanes of the drawing, a file each.
//!
//! A step does something and notes in the [`Exchange`](crate::Exchange) what came of it; the decision
//! behind it reads that. What is refused on the way is a problem that the client is told at the end.

mod aggregator;
mod backends;
mod gateway;
mod identity;
mod limits;
mod router;

pub use aggregator::Aggregator;
pub use backends::Backends;
pub use gateway::Gateway;
pub use identity::Identity;
pub use limits::Limits;
pub use router::Router;
