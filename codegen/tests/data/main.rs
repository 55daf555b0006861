//! Declared data: read, resolved and checked.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod certainty;
mod drawings;
mod large;
mod reading;
mod resolution;
mod support;
