//! The flows that are run.
//!
//! One struct serves all lanes of all flows: each step does what the [`Script`](crate::Script) says.

pub mod decisions;
pub mod fork;
pub mod message;
pub mod rollback;
pub mod rounds;
pub mod straight;

/// Serves every lane.
#[derive(Clone, Copy, Debug, Default)]
pub struct Lanes;
