//! A new version beside the old one, tested, switched to, watched, and reverted at once if it is worse.
//!
//! `flow/blue-green.fz` draws a release, [`drawing`] is what flowgen makes of that, and [`lanes`]
//! holds what its steps do. [`balancer`] hands requests on, [`controller`] runs releases, [`slot`] keeps the
//! processes of versions, and [`app`] is the service that is released.

#![cfg_attr(test, allow(clippy::panic, clippy::unwrap_used))]

pub mod app;
pub mod balancer;
pub mod controller;
pub mod demo;
pub mod judge;
pub mod lanes;
pub mod load;
pub mod service;
pub mod settings;
pub mod site;
pub mod slot;
pub mod words;

mod transfer;

mod fisher;
mod instance;
mod release;

pub use instance::{Colour, Instance};
pub use release::Release;

/// The workflow, as `flow/blue-green.fz` draws it.
pub mod drawing {
    flowgen::flow!("flow/blue-green.fz");
}

/// The flow of a release with what serves its lanes.
pub type ReleaseFlow =
    drawing::Flow<lanes::Controller, lanes::Environments, lanes::Balancer, lanes::Monitor, lanes::Operator>;
