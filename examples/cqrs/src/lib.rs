//! Commands that append events and queries that read a view which follows them, apart from each other.
//!
//! `flow/cqrs.fz` draws it, and [`drawing`] is what flowgen makes of that. [`domain`] says what an
//! account may do, [`lanes`] holds the code of the two sides, [`store`] the databases, and [`view`] what
//! queries are answered with. [`App`] serves it over HTTP.

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

/// The workflow, as `flow/cqrs.fz` draws it.
pub mod drawing {
    flowgen::flow!("flow/cqrs.fz");
}

/// The flow with the code that serves its lanes.
pub type BankFlow =
    drawing::Flow<lanes::Commands, lanes::EventStore, lanes::Projection, lanes::Outbox, lanes::Queries>;
