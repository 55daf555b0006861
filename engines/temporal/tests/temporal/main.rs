//! Runs on a Temporal server. `engines/temporal/server.sh` installs it; the tests start and stop it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod asked;
mod conformance;
mod kills;
mod runs;
mod server;
mod typed;
