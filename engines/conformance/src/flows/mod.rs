//! The flows of the suite.
//!
//! One struct serves all lanes of all flows: each step follows the [`Script`](crate::Script).

pub mod decisions;
pub mod fork;
pub mod message;
pub mod rollback;
pub mod rounds;
pub mod straight;

/// Serves every lane.
#[derive(Clone, Copy, Debug, Default)]
pub struct Lanes;
