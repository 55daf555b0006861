//! Running flows in process, on a paused clock.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod branches;
mod cancelling;
mod causes;
mod chain;
mod discarding;
mod doubt;
mod dropping;
mod exploring;
mod keeping;
mod limits;
mod messages;
mod observing;
mod panicking;
mod reaching;
mod retrying;
mod shop;
mod single_attempt;
mod stuck;
mod typed;
mod words;
