//! Processes start and stop on request, also if the controller is killed in between.

mod stage;

use std::path::Path;
use std::time::{Duration, Instant};

use stage::{LONG, PROGRAM, processes};
use tempfile::TempDir;

use blue_green::Colour;
use blue_green::settings::App;
use blue_green::slot::{Launch, Slot, SlotError};

/// An environment of its own; what runs in it is ended with it.
struct Place {
    slot: Slot,
    folder: TempDir,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.slot.clear().unwrap();
    }
}

fn place() -> Place {
    let folder = tempfile::tempdir().unwrap();
    Place { slot: Slot::new(folder.path(), Colour::Blue), folder }
}

fn launch() -> Launch {
    Launch { command: App::served_by(PROGRAM.as_ref(), None), within: LONG, grace: LONG }
}

/// A process that takes its time to come.
fn late(launch: Launch) -> Launch {
    let script = "sleep 0.3; exec \"$@\"";
    let words = ["sh", "-c", script, "sh"].map(str::to_owned);
    Launch { command: words.into_iter().chain(launch.command).collect(), ..launch }
}

/// Waits until so many processes run.
async fn until_run(folder: &Path, count: usize) {
    let began = Instant::now();
    while processes(folder).len() != count {
        assert!(began.elapsed() < LONG, "{:?} for {count}", processes(folder));
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Waits until a process has found that its ticket is not good any more.
async fn until_too_late(place: &Place) {
    let (began, log) = (Instant::now(), place.folder.path().join("blue/log"));
    while !std::fs::read_to_string(&log).unwrap().contains("the environment is not for this process") {
        assert!(began.elapsed() < LONG, "no process came too late");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn the_same_visit_starts_one_process() {
    let place = place();
    let first = place.slot.start("1.0.0", "run/n7/1", &launch()).await.unwrap();
    let again = place.slot.start("1.0.0", "run/n7/1", &launch()).await.unwrap();
    assert_eq!(first, again);
    assert_eq!(place.slot.occupant().unwrap(), Some(first));
    assert_eq!(processes(place.folder.path()).len(), 1);
}

#[tokio::test]
async fn another_visit_replaces_the_running_process() {
    let place = place();
    let first = place.slot.start("1.0.0", "run/n7/1", &launch()).await.unwrap();
    let second = place.slot.start("1.0.0", "run/n7/2", &launch()).await.unwrap();
    assert!(!first.process.runs().unwrap() && second.process.runs().unwrap());
    assert_eq!(processes(place.folder.path()), [second.process.pid]);
}

#[tokio::test]
async fn only_the_process_of_the_visit_is_stopped() {
    let place = place();
    let first = place.slot.start("1.0.0", "run/n7/1", &launch()).await.unwrap();
    place.slot.end("another/n7/1", LONG).await.unwrap();
    assert!(first.process.runs().unwrap());
    for _ in 0..2 {
        place.slot.end("run/n7/1", LONG).await.unwrap();
        assert_eq!(place.slot.occupant().unwrap(), None);
    }
    assert!(processes(place.folder.path()).is_empty());
}

#[tokio::test]
async fn of_two_processes_for_one_visit_one_stays() {
    let place = place();
    let launch = late(launch());
    // As if the controller were killed: the first one is not awaited any more.
    let first = place.slot.start("1.0.0", "run/n7/1", &launch);
    assert!(tokio::time::timeout(Duration::from_millis(100), first).await.is_err());
    let second = place.slot.start("1.0.0", "run/n7/1", &launch).await.unwrap();
    until_too_late(&place).await;
    until_run(place.folder.path(), 1).await;
    assert_eq!(place.slot.occupant().unwrap(), Some(second.clone()));
    assert_eq!(processes(place.folder.path()), [second.process.pid]);
}

#[tokio::test]
async fn a_process_that_starts_after_the_undo_exits_at_once() {
    let place = place();
    let launch = late(launch());
    let started = place.slot.start("1.0.0", "run/n7/1", &launch);
    assert!(tokio::time::timeout(Duration::from_millis(100), started).await.is_err());
    place.slot.end("run/n7/1", LONG).await.unwrap();
    until_too_late(&place).await;
    until_run(place.folder.path(), 0).await;
    assert_eq!(place.slot.occupant().unwrap(), None);
}

#[tokio::test]
async fn a_start_after_its_stop_is_refused_and_stops_no_other() {
    let place = place();
    for visit in ["run/n7/1", "run/n7/2"] {
        // Also where nothing was started yet.
        place.slot.end(visit, LONG).await.unwrap();
    }
    let serving = place.slot.start("1.1.0", "another/n7/1", &launch()).await.unwrap();
    for visit in ["run/n7/1", "run/n7/2"] {
        let late = place.slot.start("1.0.0", visit, &launch()).await.unwrap_err();
        assert!(matches!(&late, SlotError::Ended(ended) if ended == visit), "{late}");
    }
    assert!(serving.process.runs().unwrap());
    assert_eq!(processes(place.folder.path()), [serving.process.pid]);
}

#[tokio::test]
async fn a_failed_start_has_its_reason() {
    let place = place();
    let with = |command: &[&str], within| Launch {
        command: command.iter().map(|&word| word.to_owned()).collect(),
        within,
        grace: LONG,
    };
    let start = async |launch: &Launch| place.slot.start("1.0.0", "run/n7/1", launch).await.unwrap_err();
    let program = start(&with(&["/no/such/program"], LONG)).await;
    assert!(matches!(program, SlotError::Program(..)), "{program}");
    let ended = start(&with(&["sh", "-c", "echo no; exit 3"], LONG)).await.to_string();
    assert!(ended.contains("version 1.0.0 ended (exit status: 3) before it served; see "), "{ended}");
    assert_eq!(std::fs::read_to_string(place.folder.path().join("blue/log")).unwrap(), "no\n");
    let silent = start(&with(&["sleep", "1000"], Duration::from_millis(100))).await.to_string();
    assert!(silent.contains("did not listen within 100ms before it served"), "{silent}");
}
