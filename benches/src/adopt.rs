//! The cost to adopt: a clean `cargo check` of a crate that depends on one thing alone.

use anyhow::Result;

use crate::comparison::{self, FLOWGEN, Named, STATIG};
use crate::project::Project;
use crate::usage::{self, Usage};

const ROUNDS: usize = 7;

const DEPENDENCIES: [(&str, &str); 4] = [
    ("flowgen", FLOWGEN),
    ("statig 0.4, feature `macro`", STATIG),
    ("smlang 0.8", r#"smlang = "0.8""#),
    ("rust-fsm 0.8", r#"rust-fsm = "0.8""#),
];

pub(crate) fn measure() -> Result<()> {
    let crates = DEPENDENCIES.iter().map(|(name, line)| Ok((*name, Project::new(line, "fn main() {}\n")?)));
    let table = comparison::table(ROUNDS, &crates.collect::<Result<Vec<Named>>>()?, clean_check)?;
    println!("\nadopt: clean `cargo check`, {ROUNDS} rounds\n\n{table}");
    Ok(())
}

/// Cargo gives a crate in a folder what it spares one from a registry: lints, and the bookkeeping
/// for incremental builds. Neither is what a user of a published crate pays, so nobody gets them.
fn clean_check(project: &Project) -> Result<Usage> {
    project.clean()?;
    usage::of(project.check().env("CARGO_INCREMENTAL", "0").env("RUSTFLAGS", "--cap-lints=allow"))
}
