//! Runs that were saved, and go on in another program, with another drawing, or not at all.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod changed;
mod earlier;
mod hostile;
mod operators;
mod repeats;
mod shop;
mod values;
