//! What a run costs that waits, and how long it takes until all go on after a restart. Each in a process of
//! its own: the memory of one that did other things before would tell nothing.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use flowgen_sqlite::Engine;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::flow::{Order, Queue, waiting};
use super::load::Load;
use crate::figures::seconds;
use crate::table::Table;

/// So many runs wait.
const RUNS: u32 = 100_000;
/// So many are started at once.
const AT_ONCE: u32 = 1_000;

/// How this program is called for its parts.
pub(crate) const START: &str = "durable-start";
pub(crate) const RESUME: &str = "durable-resume";

/// What a part tells.
struct Told {
    taken: Duration,
    /// In bytes, of all runs.
    memory: u64,
}

/// Starts runs in one process, which is then gone, and goes on with them in another.
pub(crate) fn measure(path: &Path) -> Result<Table> {
    let mut table =
        Table::new(&["100,000 runs that wait", "until all wait", "runs a second", "memory a run"]);
    for (name, part) in [("started", START), ("resumed after a crash", RESUME)] {
        let Told { taken, memory } = part_of(part, path)?;
        table.row(vec![
            name.to_owned(),
            seconds(taken),
            format!("{:.0}", f64::from(RUNS) / taken.as_secs_f64()),
            format!("{} bytes", memory / u64::from(RUNS)),
        ]);
    }
    Ok(table)
}

fn part_of(part: &str, path: &Path) -> Result<Told> {
    let output = Command::new(std::env::current_exe()?).arg(part).arg(path).output()?;
    ensure!(output.status.success(), "{part}: {}", String::from_utf8_lossy(&output.stderr));
    let told = String::from_utf8(output.stdout)?;
    let (nanoseconds, memory) = told.trim().split_once(' ').context("two numbers")?;
    Ok(Told { taken: Duration::from_nanos(nanoseconds.parse()?), memory: memory.parse()? })
}

/// A part, in its own process. It ends as in a crash.
pub(crate) fn part(part: &str, path: &Path) -> Result<()> {
    tokio::runtime::Runtime::new()?.block_on(async {
        let (queue, mut waiting) = unbounded_channel();
        let runner = waiting::Flow { desk: Queue(queue) }.into_runner();
        let engine = Engine::open(path, runner).await?;
        let (before, begun) = (resident()?, Instant::now());
        match part {
            START => start(&engine).await?,
            RESUME => {
                let resumed = engine.resume().await?;
                ensure!(resumed.runs == RUNS as usize, "{resumed:?}");
            }
            _ => bail!("there is no part `{part}`"),
        }
        all_wait(&mut waiting).await?;
        println!("{} {}", begun.elapsed().as_nanos(), resident()?.saturating_sub(before));
        std::process::exit(0)
    })
}

async fn start(engine: &Engine<waiting::Node, Order>) -> Result<()> {
    let asked = engine.clone();
    let load = Load { runs: RUNS, at_once: AT_ONCE };
    let start = move |number: u32| {
        let engine = asked.clone();
        async move {
            let _ = engine.start(format!("order-{number}"), Order { number: number.into() }).await?;
            Ok(())
        }
    };
    load.all(&Arc::new(start), 0).await
}

async fn all_wait(waiting: &mut UnboundedReceiver<()>) -> Result<()> {
    for _ in 0..RUNS {
        waiting.recv().await.context("nobody waits")?;
    }
    Ok(())
}

/// What this process has in memory, in bytes.
fn resident() -> Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("VmRSS")?;
    let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kilobytes * 1024)
}
