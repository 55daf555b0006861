//! A new version beside the old one, tested, switched to, watched, and reverted at once if it is worse.
//!
//! `flow/blue-green.fz` draws a release, [`drawing`] is the code that flowgen generates from it, and [`lanes`]
//! implements its steps. [`balancer`] forwards requests, [`controller`] runs releases, [`slot`] manages the
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

/// The workflow, generated from `flow/blue-green.fz`.
pub mod drawing {
    flowgen::flow!("flow/blue-green.fz");
}

/// The flow of a release with the services that serve its lanes.
pub type ReleaseFlow =
    drawing::Flow<lanes::Controller, lanes::Environments, lanes::Balancer, lanes::Monitor, lanes::Operator>;
