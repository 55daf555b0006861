//! `flowgen check` on large drawings: time, memory, and what ten times the nodes cost.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::cargo::cargo;
use crate::drawing::{Drawing, Shape};
use crate::figures::{Spread, megabytes, ratio, seconds};
use crate::table::Table;
use crate::usage::{self, Usage};

const ROUNDS: usize = 3;
const SIZES: [usize; 3] = [10_000, 100_000, 1_000_000];

const SHAPES: [(&str, Shape); 5] = [
    ("straight", Shape::Straight),
    ("loops", Shape::Loops),
    ("loops in loops", Shape::LoopsInLoops),
    ("forks", Shape::Forks),
    ("forks in forks", Shape::ForksInForks),
];

pub(crate) fn measure() -> Result<()> {
    let program = build()?;
    let mut table =
        Table::new(&["drawing", "nodes", "CPU, median", "wall", "peak memory", "ten times the nodes"]);
    for (name, shape) in SHAPES {
        let mut smaller = None;
        for nodes in SIZES {
            let used = check(&program, Drawing { shape, nodes })?;
            let cpu = Spread::of(used.iter().map(|used| used.cpu)).median;
            let wall = Spread::of(used.iter().map(|used| used.wall)).median;
            let peak = used.iter().map(|used| used.peak).max().unwrap_or_default();
            let growth = smaller.replace(cpu).map_or(String::new(), |smaller| ratio(cpu, smaller));
            table.row(vec![
                name.to_owned(),
                nodes.to_string(),
                seconds(cpu),
                seconds(wall),
                megabytes(peak),
                growth,
            ]);
        }
    }
    println!("\ncheck: `flowgen check`, {ROUNDS} rounds\n\n{table}");
    Ok(())
}

/// The program, as it is released.
fn build() -> Result<PathBuf> {
    let benches = Path::new(env!("CARGO_MANIFEST_DIR"));
    let target = benches.join("target/flowgen");
    let mut build = cargo("build", &benches.join(".."));
    build.args(["--release", "--package", "flowgen-cli", "--target-dir"]).arg(&target);
    usage::of(&mut build)?;
    Ok(target.join("release").join("flowgen").with_extension(std::env::consts::EXE_EXTENSION))
}

fn check(program: &Path, drawing: Drawing) -> Result<Vec<Usage>> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("large.fz");
    let mut text = BufWriter::new(File::create(&file)?);
    write!(text, "{drawing}")?;
    text.flush()?;
    (0..ROUNDS).map(|_| usage::of(Command::new(program).arg("check").arg(&file))).collect()
}
