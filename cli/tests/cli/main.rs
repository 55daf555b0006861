//! Runs the real program.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod bad_input;
mod check;
mod declarations;
mod explain;
mod fix;
mod formats;
mod generate;
mod help;
mod levels;
mod new;
mod program;
mod render;
#[cfg(feature = "runs")]
mod runs;
