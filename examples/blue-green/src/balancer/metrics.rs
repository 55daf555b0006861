//! The metrics of the live and the previous versions.

use std::fmt;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric as _};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;

use super::upstream::{Figures, Upstreams};

/// Exports only the instances that the balancer remembers: the live one, the previous one, and those with requests
/// in flight.
impl Collector for Upstreams {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let standing = self.standing();
        let live = standing.live.instance.map(|live| live.id);
        let labels = |figures: &Figures| {
            [("instance", figures.instance.id.clone()), ("version", figures.instance.version.clone())]
        };
        let help = "1 for the instance that requests go to";
        let mut lives = encoder.encode_descriptor("instance_live", help, None, MetricType::Gauge)?;
        for figures in &standing.backends {
            let is_live = i64::from(live.as_ref() == Some(&figures.instance.id));
            ConstGauge::new(is_live).encode(lives.encode_family(&labels(figures))?)?;
        }
        let help = "Requests that the instance is serving";
        let mut in_flight =
            encoder.encode_descriptor("instance_requests_in_flight", help, None, MetricType::Gauge)?;
        for figures in &standing.backends {
            let count = i64::try_from(figures.in_flight).unwrap_or(i64::MAX);
            ConstGauge::new(count).encode(in_flight.encode_family(&labels(figures))?)?;
        }
        let help = "Requests to the instance that are over";
        let mut requests = encoder.encode_descriptor("instance_requests", help, None, MetricType::Counter)?;
        for figures in &standing.backends {
            let tally = &figures.tally;
            let outcomes = [
                ("answered", tally.answered().saturating_sub(tally.refused)),
                ("refused", tally.refused),
                ("failed", tally.errors),
                ("client_closed", tally.client_closed),
            ];
            for (outcome, count) in outcomes {
                let [instance, version] = labels(figures);
                let labels = [instance, version, ("outcome", outcome.to_owned())];
                ConstCounter::new(count).encode(requests.encode_family(&labels)?)?;
            }
        }
        Ok(())
    }
}
