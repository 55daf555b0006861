//! The power fails at each write and each sync.
//!
//! One process runs all flows, while what SQLite writes and syncs is recorded, and beside it what the flows know:
//! which runs were acknowledged, and which visits are behind their runs. Then, for each moment, the files that the
//! disk may have are opened as after a start of the machine, and the judge looks at what the runs do.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::Duration;

use flowgen::run::VisitOutcome;
use flowgen::{Event, Node as _, Runner};
use flowgen_powerloss::{Recording, Unsynced, mark, record, weaken};
use flowgen_sqlite::{Engine, Started};
use tempfile::TempDir;

use crate::child::open;
use crate::flow::{Store, orders, workload};
use crate::judge::Judge;
use crate::{Dice, number};

/// Marks what a run leaves behind, which it does not before that is saved.
fn watch(event: &Event<'_>) {
    if let Event::Left { run, node, visit, outcome } = event
        && *visit > 0
        && !matches!(outcome, VisitOutcome::Passed | VisitOutcome::InDoubt)
    {
        mark(format!("left {run}/{}/{visit}", node.id));
    }
}

/// Runs all flows from a new file to their ends, and opens and closes the file once more.
fn run(folder: &Path, weakly: bool) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let start = orders::Node::Ordered.index();
        let engine = async || {
            let store = Store::noting_in(&folder.join("effects.log"), false);
            let runner = Runner::new(orders::Flow { shop: store }, start).observe(watch);
            Engine::open(folder.join("runs.db"), runner).await.unwrap()
        };
        let first = engine().await;
        first.shutdown(Duration::from_secs(10)).await;
        if weakly {
            weaken();
        }
        let runs = engine().await;
        for (id, start, order) in workload() {
            let started = runs.start_at(start, id.as_str(), order).await.unwrap();
            assert_eq!(started, Started::New);
            mark(format!("started {id}"));
        }
        for (id, ..) in workload() {
            let _ = runs.ended(&id).await.unwrap();
        }
        runs.shutdown(Duration::from_secs(10)).await;
    });
}

fn recorded(weakly: bool) -> (Recording, String) {
    let folder = TempDir::new().unwrap();
    let witness = folder.path().join("effects.log");
    let recording = record(folder.path(), &witness, || run(folder.path(), weakly));
    (recording, fs::read_to_string(witness).unwrap())
}

/// Opens what the disk has, lets all runs end, and says what is wrong.
fn resumed(recording: &Recording, log: &str, moment: usize, unsynced: Unsynced) -> Result<(), String> {
    // In memory, where that is a file system: nothing waits for the disk here.
    let folder = TempDir::new_in("/dev/shm").or_else(|_| TempDir::new()).unwrap();
    let folder = folder.path();
    for (name, bytes) in recording.image(moment, unsynced) {
        fs::write(folder.join(name), bytes).unwrap();
    }
    let witnessed = recording.witnessed(moment).map_or(log.len(), |length| usize::try_from(length).unwrap());
    let log = &log[..witnessed];
    fs::write(folder.join("effects.log"), log).unwrap();
    let marked = |what: &str| -> BTreeSet<String> {
        let marks = recording.marks(moment).filter_map(|mark| mark.strip_prefix(what));
        marks.map(str::to_owned).collect()
    };
    let mut judge = Judge::knowing(marked("left "), log.lines().count());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        judge.look(folder)?;
        let acknowledged = marked("started ");
        let engine = open(folder, false).await;
        let damage = engine.check().await.map_err(|error| error.to_string())?;
        if let Some(damage) = damage.first() {
            return Err(damage.to_string());
        }
        let resumed = engine.resume().await.map_err(|error| error.to_string())?;
        if let Some(refused) = resumed.refused.first() {
            return Err(refused.to_string());
        }
        for (id, start, order) in workload() {
            let started =
                engine.start_at(start, id.as_str(), order).await.map_err(|error| error.to_string())?;
            if started == Started::New && acknowledged.contains(&id) {
                return Err(format!("{id} was acknowledged, and is lost"));
            }
        }
        for (id, ..) in workload() {
            let _ = engine.ended(&id).await.map_err(|error| error.to_string())?;
        }
        engine.shutdown(Duration::from_secs(60)).await;
        judge.close(folder).await
    })
}

#[test]
fn nothing_is_lost_and_nothing_is_done_twice_when_the_power_fails() {
    let (seed, wanted) = (number("FLOWGEN_SEED", || 1), number("FLOWGEN_POWER_LOSSES", || 40));
    let (recording, log) = recorded(false);
    let moments: Vec<usize> = recording.moments().collect();
    println!("FLOWGEN_SEED={seed} FLOWGEN_POWER_LOSSES={wanted} of {} moments", moments.len());
    assert!(moments.len() > 200, "the flows write and sync as often as that: {}", moments.len());
    let mut dice = Dice(seed);
    // All over the recording: from each stretch of it one, or each where so many are wanted.
    for loss in 0..wanted {
        let count = moments.len() as u64;
        let stretch = (count / wanted).max(1);
        let at = loss * count.max(wanted) / wanted + dice.below(stretch);
        let moment = moments[usize::try_from(at % count).unwrap()];
        let unsynced = match dice.below(4) {
            0 => Unsynced::Lost,
            1 => Unsynced::Kept,
            _ => Unsynced::Torn(dice.below(1 << 30)),
        };
        let result = resumed(&recording, &log, moment, unsynced);
        result.unwrap_or_else(|broken| panic!("FLOWGEN_SEED={seed}: at {moment}, {unsynced:?}: {broken}"));
    }
}

/// The judge is worth something only if he can condemn.
#[test]
fn commits_that_are_not_synced_are_found_out() {
    let (recording, log) = recorded(true);
    let moments: Vec<usize> = recording.moments().collect();
    let mut broken = moments
        .iter()
        .step_by(moments.len() / 20)
        .filter_map(|moment| resumed(&recording, &log, *moment, Unsynced::Lost).err());
    let broken = broken.next().expect("something is lost");
    let is_loss = broken.ends_with("was acknowledged, and is lost")
        || broken.ends_with("was done, saved, and ran again");
    assert!(is_loss, "{broken}");
}
