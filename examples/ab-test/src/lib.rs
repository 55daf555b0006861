//! Two implementations of the same job compared on a frozen plan, with a verdict that the data supports.
//!
//! `flow/ab-test.fz` draws it, [`drawing`] is what flowgen makes of that, and [`lanes`] does what
//! is drawn. [`plan`] says what is decided before, [`stats`] and [`analysis`] what a sample says, and
//! [`trial`] what is compared.

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod analysis;
pub mod command;
pub mod control;
pub mod exposure;
pub mod lanes;
pub mod plan;
pub mod report;
pub mod stats;
pub mod switch;
pub mod trial;
pub mod variant;

mod experiment;

pub use experiment::{Experiment, Source};

/// The workflow, as `flow/ab-test.fz` draws it.
pub mod drawing {
    flowgen::flow!("flow/ab-test.fz");
}

use std::sync::Arc;

use exposure::ExposureLog;
use lanes::{Analysis, Experimenter, Measurement, Traffic};
use switch::Switch;
use trial::Trial;

/// The flow with those who serve its lanes.
pub type ExperimentFlow<T> = drawing::Flow<Experimenter, Traffic<T>, Measurement<T>, Analysis>;

/// An experiment on this trial that keeps everything in memory.
#[must_use]
pub fn flow<T: Trial>(trial: T) -> ExperimentFlow<T> {
    flow_with(trial, Experimenter::default(), ExposureLog::default())
}

/// An experiment on this trial, with somebody who writes it up and a log of who was exposed to what.
#[must_use]
pub fn flow_with<T: Trial>(trial: T, experimenter: Experimenter, log: ExposureLog) -> ExperimentFlow<T> {
    let trial = Arc::new(trial);
    drawing::Flow {
        experimenter,
        traffic: Traffic::new(Arc::clone(&trial), Arc::new(Switch::default()), log),
        measurement: Measurement::new(trial),
        analysis: Analysis,
    }
}
