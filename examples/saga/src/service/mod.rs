//! Common parts of a service: settings, logs, health, limits and graceful shutdown.

pub mod access;
pub mod health;
pub mod metrics;
pub mod openapi;
pub mod problem;
pub mod serve;
pub mod settings;
pub mod telemetry;

use std::error::Error;

/// The message of an error and of its sources, in one line.
#[must_use]
pub fn in_full(error: &(dyn Error + 'static)) -> String {
    let mut line = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        line = format!("{line}: {cause}");
        next = cause.source();
    }
    line
}
