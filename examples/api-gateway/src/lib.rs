//! One entry point for several backends: tokens, rate limits, routes, circuit breakers and aggregation.
//!
//! `flow/api-gateway.fz` draws what becomes of a request, [`drawing`] is what flowgen makes of
//! that, and [`lanes`] holds the code of the lanes. Every request is a run. [`App`] serves.

pub mod demo;
pub mod lanes;
pub mod routes;
pub mod service;
pub mod settings;

mod access;
mod address;
mod app;
mod call;
mod chance;
mod circuits;
mod exchange;
mod headers;
mod identity;
mod operators;
mod proxy;
mod quota;
mod server;
mod transfer;

pub use app::{App, AppError};
pub use exchange::Exchange;
pub use headers::Peer;
pub use identity::Clock;
pub use proxy::Proxy;

/// What becomes of a request, as `flow/api-gateway.fz` draws it.
pub mod drawing {
    flowgen::flow!("flow/api-gateway.fz");
}

/// The flow with the lanes that serve it.
pub type RequestFlow = drawing::Flow<
    lanes::Gateway,
    lanes::Limits,
    lanes::Router,
    lanes::Identity,
    lanes::Backends,
    lanes::Aggregator,
>;
