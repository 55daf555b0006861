//! The metrics of the circuit breakers.

use std::fmt;

use circuit_breaker::{Registry, State};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric as _};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;

/// Reads the breakers when metrics are scraped. Their names come from the file of the routes.
#[derive(Debug)]
pub(crate) struct Circuits(pub(crate) Registry);

const STATES: [State; 5] = [State::Closed, State::Open, State::HalfOpen, State::ForcedOpen, State::Disabled];

impl Collector for Circuits {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let breakers: Vec<_> = self
            .0
            .breakers()
            .iter()
            .map(|breaker| (breaker.target().to_owned(), breaker.metrics()))
            .collect();
        let help = "1 for the state of the circuit breaker, 0 for the others";
        let mut states = encoder.encode_descriptor("breaker_state", help, None, MetricType::Gauge)?;
        for (breaker, metrics) in &breakers {
            for state in STATES {
                let labels = [("breaker", breaker.clone()), ("state", state.to_string())];
                let is_now = i64::from(state == metrics.state);
                ConstGauge::new(is_now).encode(states.encode_family(&labels)?)?;
            }
        }
        let help = "Calls through the circuit breaker";
        let mut calls = encoder.encode_descriptor("breaker_calls", help, None, MetricType::Counter)?;
        for (breaker, metrics) in &breakers {
            let results = [
                ("success", metrics.successes),
                ("failure", metrics.failures),
                ("ignored", metrics.ignored),
                ("rejected", metrics.rejected),
            ];
            for (result, count) in results {
                let labels = [("breaker", breaker.as_str()), ("result", result)];
                ConstCounter::new(count).encode(calls.encode_family(&labels)?)?;
            }
        }
        let help = "How often the circuit breaker opened";
        let mut opened = encoder.encode_descriptor("breaker_opened", help, None, MetricType::Counter)?;
        for (breaker, metrics) in &breakers {
            let labels = [("breaker", breaker.as_str())];
            ConstCounter::new(metrics.opened).encode(opened.encode_family(&labels)?)?;
        }
        Ok(())
    }
}
