//! Runs that are kept on the disk: beside what SQLite can do at all, and beside durare and steno.
//!
//! All commit to a file with WAL and `synchronous=FULL`, in the same folder, in turns.

mod durare;
mod flow;
mod flowgen;
mod load;
mod raw;
mod steno;
pub(crate) mod waiting;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Result;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::figures::Spread;
use crate::table::Table;
use flow::STEPS;
use load::Load;

/// Many and short: how long a disk takes depends on who else uses it.
const ROUNDS: usize = 11;
/// The commits of a round by SQLite alone.
const COMMITS: u32 = 250;
/// Alone, and so many at once that a commit is worth sharing.
const LOADS: [Load; 3] =
    [Load { runs: 50, at_once: 1 }, Load { runs: 1_280, at_once: 32 }, Load { runs: 5_120, at_once: 256 }];
/// Those whose commits are not shared would take minutes for as much.
const SLOW: u32 = 4;

pub(crate) fn measure() -> Result<()> {
    let program = durare::build()?;
    let mut files = Files::new()?;
    let runtime = Runtime::new()?;

    let length = runtime.block_on(flowgen::length(&files.next()))?;

    let mut raw = Vec::new();
    let mut rounds = [const { [const { Vec::new() }; 3] }; LOADS.len()];
    for _ in 0..ROUNDS {
        raw.push(raw::time(&files.next(), COMMITS, length)?);
        for (load, rounds) in LOADS.into_iter().zip(&mut rounds) {
            let fewer = Load { runs: load.runs.div_ceil(SLOW).max(load.at_once), ..load };
            let times = [
                runtime.block_on(flowgen::time(&files.next(), load))? / load.runs,
                runtime.block_on(steno::time(&files.next(), fewer))? / fewer.runs,
                durare::time(&program, &files.next(), fewer)? / fewer.runs,
            ];
            for (times, time) in rounds.iter_mut().zip(times) {
                times.push(time);
            }
        }
    }
    let raw = f64::from(COMMITS) / Spread::of(raw).median.as_secs_f64();
    let mut table = Table::new(&[
        "runs at once",
        "steps a second",
        "\u{f7} raw commits",
        "\u{f7} steno",
        "\u{f7} durare",
        "steno",
        "durare",
    ]);
    for (load, rounds) in LOADS.iter().zip(rounds) {
        let [ours, steno, durare] = rounds.map(steps_a_second);
        table.row(vec![
            load.at_once.to_string(),
            format!("{ours:.0}"),
            format!("{:.2}", ours / raw),
            format!("{:.2}", ours / steno),
            format!("{:.2}", ours / durare),
            format!("{steno:.0}"),
            format!("{durare:.0}"),
        ]);
    }
    println!("\ndurable: {ROUNDS} rounds; {raw:.0} raw commits a second, of {length} bytes\n\n{table}");
    println!("{}", waiting::measure(&files.next())?);
    Ok(())
}

/// New files in one folder, which is on a disk: that for temporary files often is not.
struct Files {
    folder: TempDir,
    made: u32,
}

impl Files {
    fn new() -> Result<Self> {
        let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("target");
        Ok(Self { folder: tempfile::tempdir_in(target)?, made: 0 })
    }

    fn next(&mut self) -> PathBuf {
        self.made += 1;
        self.folder.path().join(format!("{}.db", self.made))
    }
}

/// Steps a second, by the median of the rounds.
fn steps_a_second(each_run: Vec<Duration>) -> f64 {
    f64::from(STEPS) / Spread::of(each_run).median.as_secs_f64()
}
