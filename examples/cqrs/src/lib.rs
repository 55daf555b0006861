//! Commands append events, and queries read a view that follows the events.
//!
//! `flow/cqrs.fz` is the drawing, and [`drawing`] is the code that flowgen generates from it. [`domain`] has the
//! rules of an account, [`lanes`] the code of the two sides, [`store`] the databases, and [`view`] the data that
//! queries read. [`App`] serves it over HTTP.

pub mod bank;
pub mod clock;
pub mod demo;
pub mod domain;
pub mod history;
pub mod http;
pub mod lanes;
pub mod service;
pub mod settings;
pub mod store;
pub mod view;
pub mod work;

mod app;

pub use app::{App, AppError};
pub use bank::Bank;

/// The workflow, generated from `flow/cqrs.fz`.
pub mod drawing {
    flowgen::flow!("flow/cqrs.fz");
}

/// The flow with the services that serve its lanes.
pub type BankFlow =
    drawing::Flow<lanes::Commands, lanes::EventStore, lanes::Projection, lanes::Outbox, lanes::Queries>;
