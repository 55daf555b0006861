//! What users and operators do with runs.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod chain;
mod claims;
mod halted;
mod long;
mod looking;
mod mending;
mod overload;
mod panicking;
#[path = "../shop/mod.rs"]
mod shop;
mod starting;
mod stopping;
mod torn;
mod typed;
