//! Typed flows: the items of a drawing with a declaration of its data.
//!
//! Beside each lane's trait there are modules with what its methods take and undo. The values of a run are an enum,
//! [`values`], with a variant for each name. Types have private aliases, [`types`], so that no name of the user's
//! crate can collide with a generated one.

mod about;
mod facts;
mod impls;
mod names;
mod tokens;

pub(super) mod ends;
pub(super) mod outcomes;
pub(super) mod plan;
pub(super) mod starts;
pub(super) mod step;
pub(super) mod takes;
pub(super) mod types;
pub(super) mod undo;
pub(super) mod values;

pub(super) use about::{gives as about_gives, takes as about_takes};
pub(super) use facts::answered_by;
pub(super) use names::value_names;
