//! Authentication: tokens, and the keys that verify them.

mod clock;
mod keys;
mod token;

pub use clock::Clock;
pub(crate) use keys::{Keys, NoKeys};
pub(crate) use token::{Refused, Tokens};
