//! One entry point for several backends: tokens, rate limits, routes, circuit breakers and aggregation.
//!
//! `flow/api-gateway.fz` draws how a request is processed, [`drawing`] is the code that flowgen generates from it,
//! and [`lanes`] implements the lanes. Every request is a run. [`App`] is the server.

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
mod transfer;

pub use app::{App, AppError};
pub use exchange::Exchange;
pub use headers::Peer;
pub use identity::Clock;
pub use proxy::Proxy;

/// The processing of a request, generated from `flow/api-gateway.fz`.
pub mod drawing {
    flowgen::flow!("flow/api-gateway.fz");
}

/// The flow with the services that serve its lanes.
pub type RequestFlow = drawing::Flow<
    lanes::Gateway,
    lanes::Limits,
    lanes::Router,
    lanes::Identity,
    lanes::Backends,
    lanes::Aggregator,
>;
