//! Drawings mean what section by section of the format says.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod arrows;
mod bounded;
mod compensation;
mod deep;
mod drawings;
mod endless;
mod forks;
mod held_back;
mod labels;
mod loops;
mod mending;
mod names;
mod properties;
mod returns;
mod shared;
mod support;
mod walks;
