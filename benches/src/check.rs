//! `flowgen check` on large drawings: time, memory, and what ten times the nodes cost.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::Result;

use crate::cargo::cargo;
use crate::drawing::{Drawing, Shape};
use crate::figures::{Spread, megabytes, ratio, seconds};
use crate::table::Table;
use crate::usage::{self, Usage};

const ROUNDS: usize = 3;
const SIZES: [usize; 4] = [1_000, 10_000, 100_000, 1_000_000];

const SHAPES: [(&str, Shape); 6] = [
    ("straight", Shape::Straight),
    ("loops", Shape::Loops),
    ("loops in loops", Shape::LoopsInLoops),
    ("forks", Shape::Forks),
    ("forks in forks", Shape::ForksInForks),
    ("mixed", Shape::Mixed),
];

pub(crate) fn measure() -> Result<()> {
    let program = build()?;
    let mut table = Table::new(&[
        "drawing",
        "nodes",
        "CPU, median",
        "wall",
        "peak memory",
        "growth",
        "growth of n log n",
    ]);
    for (name, shape) in SHAPES {
        let mut smaller: Option<(usize, Duration)> = None;
        for nodes in SIZES {
            let used = check(&program, Drawing { shape, nodes })?;
            let cpu = Spread::of(used.iter().map(|used| used.cpu)).median;
            let wall = Spread::of(used.iter().map(|used| used.wall)).median;
            let peak = used.iter().map(|used| used.peak).max().unwrap_or_default();
            let smaller = smaller.replace((nodes, cpu));
            let growth = smaller.map_or(String::new(), |(_, smaller)| ratio(cpu, smaller));
            let allowed = smaller.map_or(String::new(), |(fewer, _)| n_log_n(nodes, fewer));
            table.row(vec![
                name.to_owned(),
                nodes.to_string(),
                seconds(cpu),
                seconds(wall),
                megabytes(peak),
                growth,
                allowed,
            ]);
        }
    }
    println!("\ncheck: `flowgen check`, {ROUNDS} rounds\n\n{table}");
    Ok(())
}

/// By what a cost of n log n grows.
#[expect(clippy::cast_precision_loss, reason = "drawings have no 2^52 nodes")]
fn n_log_n(nodes: usize, fewer: usize) -> String {
    let cost = |nodes: usize| nodes as f64 * (nodes as f64).log2();
    format!("{:.2}", cost(nodes) / cost(fewer))
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
