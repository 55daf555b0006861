//! What every service has, whatever it does: settings, logs, health, limits, and an orderly end.

pub mod health;
pub mod problem;
pub mod serve;
pub mod settings;
pub mod telemetry;
