//! Two implementations of the same job compared on a frozen plan, with a verdict that the data supports.
//!
//! `flow/ab-test.fz` is the drawing, [`drawing`] is the code that flowgen generates from it, and [`lanes`]
//! implements its steps. [`plan`] contains the decisions before the experiment, [`stats`] and [`analysis`] analyze
//! the sample, and [`trial`] has the implementations to compare.

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

/// The workflow, generated from `flow/ab-test.fz`.
pub mod drawing {
    flowgen::flow!("flow/ab-test.fz");
}

use std::sync::Arc;

use exposure::ExposureLog;
use lanes::{Analysis, Experimenter, Measurement, Traffic};
use switch::Switch;
use trial::Trial;

/// The flow with the services that serve its lanes.
pub type ExperimentFlow<T> = drawing::Flow<Experimenter, Traffic<T>, Measurement<T>, Analysis>;

/// The flow for this trial, with all data in memory.
#[must_use]
pub fn flow<T: Trial>(trial: T) -> ExperimentFlow<T> {
    flow_with(trial, Experimenter::default(), ExposureLog::default())
}

/// The flow for this trial, with an experimenter that writes files and a log of exposures.
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
