//! A file that can't grow, as on a full disk, until there is room again.
//!
//! The process that has it may not write beyond a size, which is its limit `RLIMIT_FSIZE`; the signal that comes with it is
//! ignored, so that writes fail.

use std::io::{BufRead as _, BufReader, Lines, Write as _};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use flowgen::report::Status;
use flowgen_sqlite::ListRuns;
use tempfile::TempDir;
use tokio::time::{sleep, timeout};

use crate::shop::{Order, Runs, Seller, open};
use crate::{FOLDER, again};

const RUNS: usize = 20;

/// Has the file, and goes on by what is told on its standard input.
#[test]
fn owner() {
    let Some(folder) = std::env::var_os(FOLDER).map(PathBuf::from) else { return };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let wait_for_input = || std::io::stdin().lines().next().unwrap().unwrap();
    runtime.block_on(async {
        let seller = Seller::new();
        let runs = open(&folder, &seller).await;
        for run in 0..RUNS {
            let _ = runs.start(format!("run-{run}"), Order::waiting(&["n2"])).await.unwrap();
            seller.begins(&format!("run-{run}/n2/1 #1")).await;
        }
        println!("begun");
        wait_for_input();
        seller.open();
        let halted = until(&runs, |halted, _| halted > 0).await;
        println!("halted {halted}");
        wait_for_input();
        until(&runs, |halted, over| halted == 0 && over == RUNS).await;
        println!("over");
    });
}

/// Waits until so many runs are halted, and so many over. Says why one is.
async fn until(runs: &Runs, is_so: impl Fn(usize, usize) -> bool) -> String {
    let waiting = async {
        loop {
            let listed = runs.list(ListRuns::all()).await.unwrap();
            let over = listed.iter().filter(|run| run.status == Status::Completed).count();
            let halted: Vec<_> = listed.into_iter().filter_map(|run| run.halted).collect();
            if is_so(halted.len(), over) {
                return halted.into_iter().next().unwrap_or_default();
            }
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(Duration::from_secs(40), waiting).await.expect("it becomes so")
}

fn limit(process: &Child, bytes: &str) {
    let limit = format!("--fsize={bytes}:unlimited");
    let done = Command::new("prlimit").args(["--pid", &process.id().to_string(), &limit]).status();
    assert!(done.expect("prlimit, of util-linux").success());
}

/// The next line that begins so.
fn line(lines: &mut Lines<BufReader<ChildStdout>>, begins: &str) -> String {
    lines.map(Result::unwrap).find(|line| line.starts_with(begins)).unwrap_or_else(|| panic!("{begins}"))
}

#[test]
fn runs_go_on_by_themselves_once_there_is_room() {
    let folder = TempDir::new().unwrap();
    let program = again("full::owner", folder.path());
    let mut owner = Command::new("sh");
    owner
        .args(["-c", r#"trap "" XFSZ; exec "$@""#, "sh"])
        .arg(program.get_program())
        .args(program.get_args());
    owner.env(FOLDER, folder.path()).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut owner = owner.spawn().unwrap();
    let mut tell = owner.stdin.take().unwrap();
    let mut lines = BufReader::new(owner.stdout.take().unwrap()).lines();
    line(&mut lines, "begun");
    let log = std::fs::metadata(folder.path().join("runs.db-wal")).unwrap().len();
    limit(&owner, &log.to_string());
    writeln!(tell, "go on").unwrap();
    let halted = line(&mut lines, "halted");
    assert!(halted.contains("cannot save run `run-"), "{halted}");
    assert!(halted.contains("disk I/O error") || halted.contains("full"), "{halted}");
    limit(&owner, "unlimited");
    writeln!(tell, "there is room").unwrap();
    line(&mut lines, "over");
    assert!(owner.wait().unwrap().success());
}
