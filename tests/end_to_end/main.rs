//! What users do, done with the real cargo: crates that depend on this checkout are written, built,
//! checked, run and changed.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod build_script;
mod drawings;
mod file;
mod forms;
mod hostile;
mod incomplete;
mod names;
mod new_crate;
mod probe;
mod renamed;
mod written;
