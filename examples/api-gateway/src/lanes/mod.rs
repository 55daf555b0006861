//! The lanes of the drawing, one file each.
//!
//! A step does its work and records the result in the [`Exchange`](crate::Exchange). The decision after it reads
//! the result. If a request is refused, the client gets the problem at the end.

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
