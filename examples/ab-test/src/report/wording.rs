//! Formats numbers as text.

use std::time::{Duration, SystemTime};

use crate::analysis::Summary;
use crate::plan::{Better, Draft, Expected, Kind, Metric};
use crate::stats::Estimate;
use crate::stats::lift::NoLift;

/// A number with about four digits.
pub(super) fn number(value: f64) -> String {
    let size = value.abs();
    match size {
        _ if value == f64::INFINITY => "∞".to_owned(),
        _ if value == f64::NEG_INFINITY => "-∞".to_owned(),
        _ if size != 0.0 && !(1e-3..1e7).contains(&size) => format!("{value:.3e}"),
        _ if size >= 1000.0 => format!("{value:.0}"),
        _ if size >= 100.0 => format!("{value:.1}"),
        _ if size >= 10.0 => format!("{value:.2}"),
        _ if size >= 0.1 || size == 0.0 => format!("{value:.3}"),
        _ => format!("{value:.5}"),
    }
}

fn percent(share: f64) -> String {
    format!("{:.2}", share * 100.0)
}

/// A tick label of an axis.
pub(super) fn tick(value: f64) -> String {
    let text = number(value);
    if text.contains('.') && !text.contains('e') {
        return text.trim_end_matches('0').trim_end_matches('.').to_owned();
    }
    text
}

/// A p-value or a level.
pub(super) fn p(value: f64) -> String {
    if value < 1e-4 { format!("{value:.1e}") } else { format!("{value:.4}") }
}

/// A difference in a metric, without its unit.
pub(super) fn plain_difference(kind: Kind, value: f64) -> String {
    match kind {
        Kind::Rate | Kind::Order => percent(value),
        Kind::Mean => number(value),
    }
}

/// A difference in a metric, with sign and interval.
pub(super) fn difference(kind: Kind, of: Estimate) -> String {
    let signed = |value: f64| {
        let text = plain_difference(kind, value);
        if value >= 0.0 { format!("+{text}") } else { text }
    };
    let unit = match kind {
        Kind::Rate | Kind::Order => " points",
        Kind::Mean => "",
    };
    format!("{}{unit} [{} to {}]", signed(of.value), signed(of.low), signed(of.high))
}

/// A difference relative to A, with its interval.
pub(super) fn lift(of: Result<Estimate, NoLift>) -> String {
    match of {
        Ok(of) => {
            let [value, low, high] =
                [of.value, of.low, of.high].map(|share| format!("{:+.2}", share * 100.0));
            format!("{value} % [{low} to {high}]")
        }
        Err(NoLift::NotARatio) => String::new(),
        Err(why) => why.to_string(),
    }
}

/// A date and time in UTC. Dates before 1970 or after 9999 are clamped to that range.
pub(super) fn date(date: SystemTime) -> String {
    let most = Duration::from_secs(253_402_300_799);
    let since = date.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().min(most);
    humantime::format_rfc3339_seconds(SystemTime::UNIX_EPOCH + since).to_string()
}

/// The quantity whose difference is reported for a metric.
pub(super) fn difference_of(metric: &Metric) -> &'static str {
    match metric.kind {
        Kind::Rate => "share in B less share in A, in percentage points",
        Kind::Mean => "mean of B less mean of A",
        Kind::Order => "share of pairs in which B is higher, less one half, in percentage points",
    }
}

/// The summary of a variant.
pub(super) fn summary(of: Summary) -> String {
    match of {
        Summary::Rate(share) => {
            format!("{} % [{} to {}]", percent(share.value), percent(share.low), percent(share.high))
        }
        Summary::Mean(mean) => {
            format!("{} [{} to {}]", number(mean.value), number(mean.low), number(mean.high))
        }
        Summary::Order(of) => {
            format!("median {}, p95 {}, p99 {}", number(of.median), number(of.p95), number(of.p99))
        }
    }
}

/// The goal of the plan.
pub(super) fn goal(draft: &Draft) -> String {
    let primary = &draft.primary;
    let way = match primary.better {
        Better::Higher => "higher",
        Better::Lower => "lower",
    };
    let effect = plain_difference(primary.expected.kind(), primary.effect);
    match primary.expected {
        Expected::Rate { baseline } => {
            format!("`{}` {way} by {effect} points, from {} % in A", primary.name, percent(baseline))
        }
        Expected::Mean { deviation } => {
            format!("mean of `{}` {way} by {effect}, with a deviation of {}", primary.name, number(deviation))
        }
        Expected::Order => {
            format!("`{}` {way} in {} % of pairs", primary.name, percent(0.5 + primary.effect))
        }
    }
}

/// The name of the test for a metric.
pub(super) fn test(metric: &Metric) -> &'static str {
    match metric.kind {
        Kind::Mean if metric.covariate.is_some() => "t-test of adjusted means (CUPED)",
        Kind::Rate => "z-test of two rates",
        Kind::Mean => "Welch's t-test",
        Kind::Order => "Brunner–Munzel test",
    }
}
