//! The rules by which runs go on, proven by going every way that runs of many drawings can go.
//!
//! `FLOWGEN_CASES` sets how many random drawings are tried.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod drawn;
mod durable;
mod explorer;
mod hand_made;
mod oracle;
mod passage;
#[path = "../shared/plan.rs"]
mod plan;
mod random;
mod record;
mod sketch;
mod small;
mod values;

use explorer::Report;

/// How many drawings to try: as many as `FLOWGEN_CASES` says, or else these.
fn cases(default: usize) -> usize {
    std::env::var("FLOWGEN_CASES").map_or(default, |cases| cases.parse().expect("a number of cases"))
}

/// How many reports there are, and all of them as one.
fn tally(reports: impl Iterator<Item = Report>) -> (usize, Report) {
    reports.fold((0, Report::default()), |(count, mut all), report| {
        all.situations += report.situations;
        all.pruned += report.pruned;
        for (name, ended) in report.endings {
            *all.endings.entry(name).or_default() += ended;
        }
        for (node, visits) in report.visits {
            let most = all.visits.entry(node).or_default();
            *most = visits.max(*most);
        }
        (count + 1, all)
    })
}
