//! Pictures of real drawings and of random ones.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod golden;
mod looks;
mod properties;
mod shown;
