//! Plans that compare two implementations by latency.

use crate::plan::{Better, Draft, Expected, Guardrail, Kind, Primary};

/// The column of latencies, in milliseconds.
pub const LATENCY: &str = "latency_ms";

/// The column of failures: 1 for a failure, otherwise 0.
pub const FAILED: &str = "failed";

/// A plan to compare two implementations by latency: B must be faster in clearly more than half of all pairs, and
/// must not fail more often. Ranks are compared, so that a few very slow responses do not hide a clear difference.
#[must_use]
pub fn timed(name: &str, salt: &str) -> Draft {
    Draft {
        name: name.to_owned(),
        salt: salt.to_owned(),
        share_of_b: 0.5,
        alpha: 0.05,
        power: 0.9,
        looks: 1,
        primary: Primary {
            name: LATENCY.to_owned(),
            better: Better::Lower,
            effect: 0.06,
            covariate: None,
            expected: Expected::Order,
        },
        secondary: Vec::new(),
        guardrails: vec![Guardrail {
            name: FAILED.to_owned(),
            kind: Kind::Rate,
            better: Better::Lower,
            tolerance: 0.0,
            covariate: None,
        }],
    }
}

/// The values of a unit with this duration.
pub(super) fn values(took: std::time::Duration, is_failed: bool) -> Vec<f64> {
    vec![took.as_secs_f64() * 1000.0, f64::from(u8::from(is_failed))]
}

/// The ids of further units, for a trial that creates units on demand.
pub(super) fn numbered(what: &str, before: usize, most: usize) -> Vec<String> {
    (before..before.saturating_add(most)).map(|number| format!("{what}-{number}")).collect()
}
