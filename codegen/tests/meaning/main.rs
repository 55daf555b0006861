//! The meaning of drawings, and the findings about it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod arrows;
mod bounded;
mod compensation;
mod deep;
mod drawings;
mod endless;
mod fixes;
mod forks;
mod held_back;
mod labels;
mod loops;
mod names;
mod paths;
mod properties;
mod returns;
mod shared;
mod support;
