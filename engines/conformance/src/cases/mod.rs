//! The cases, by the flow that they run; [`suite!`](crate::suite) lists them.

pub mod crash;
pub mod decisions;
pub mod discard;
pub mod doubt;
pub mod fork;
pub mod message;
pub mod panics;
pub mod rollback;
pub mod rounds;
pub mod straight;
pub mod stuck;
