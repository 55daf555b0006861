//! Declared values: the context of a typed flow.
//!
//! A flow with a declaration of its data has no context type of its own. Its context is [`Data`], the store of
//! the values that a run has, and generated code reads the inputs of a visit from it with [`Inputs`].
//!
//! # For engine writers
//!
//! A typed flow is a [`Flow<Data<V>>`](crate::Flow) for a generated enum `V` with a variant for each name, so
//! every engine executes it as it executes a flow with a context. The work is divided:
//!
//! - The interpreter routes ids ([`ValueId`]) and never reads a value. It computes the inputs of a visit when the
//!   visit begins, and binds the name of the output when the visit is settled. The ids are part of the
//!   [`Run`](crate::run::Run), and are saved with it.
//! - [`Data`] has the values by id. A value never changes. A fork copies the store, which shares the values, and a
//!   join is the union.
//! - A [`Visit`](crate::Visit) contains the ids of its inputs and of its output as a [`Routing`]. An engine that
//!   calls steps in another process passes it on with the visit.
//!
//! The interpreter calls [`Flow::retain`](crate::Flow::retain) from time to time, which removes values that no
//! node can get any more.

mod end;
mod inputs;
#[cfg(feature = "serde")]
mod saved;
mod store;
mod value;

pub use inputs::{Inputs, Undo};
#[cfg(feature = "serde")]
pub use saved::{SavedValue, decode};
pub use store::{Data, Movable};
pub use value::Value;

pub use crate::routing::{Routing, ValueId};
