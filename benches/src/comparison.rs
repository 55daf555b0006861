//! A crate that uses flowgen beside crates that use something else.

use anyhow::Result;

use crate::figures::{Spread, ratio, seconds};
use crate::project::Project;
use crate::table::Table;
use crate::usage::Usage;

/// A crate, its name in the table first. The first one is flowgen's.
pub(crate) type Named = (&'static str, Project);

/// Measures the user CPU of each crate this often, all of them once a round, so that noise falls on
/// all alike.
pub(crate) fn table(
    rounds: usize,
    crates: &[Named],
    measure: impl Fn(&Project) -> Result<Usage>,
) -> Result<Table> {
    let mut times = vec![Vec::with_capacity(rounds); crates.len()];
    for _ in 0..rounds {
        for ((_, project), times) in crates.iter().zip(&mut times) {
            times.push(measure(project)?.user);
        }
    }
    let spreads: Vec<_> = times.into_iter().map(Spread::of).collect();

    let mut table = Table::new(&["crate", "user CPU, median", "least", "flowgen ÷ this"]);
    for ((name, _), spread) in crates.iter().zip(&spreads) {
        let ratio = ratio(spreads[0].median, spread.median);
        table.row(vec![(*name).to_owned(), seconds(spread.median), seconds(spread.least), ratio]);
    }
    Ok(table)
}

/// Flowgen as a dependency: the checkout that is measured.
pub(crate) const FLOWGEN: &str = concat!("flowgen = { path = '", env!("CARGO_MANIFEST_DIR"), "/..' }");

pub(crate) const STATIG: &str = r#"statig = { version = "0.4", features = ["macro"] }"#;
