use std::fs;
use std::time::Duration;

use flowgen::Fault;
use flowgen::report::Status;
use flowgen_sqlite::{Error, ListRuns, Operator, Reader};
use tempfile::TempDir;

use crate::shop::{Order, Runs, Seller, open};
use crate::{change, damage};

/// A file with runs that wait in their second step, which nobody has open.
async fn waiting(folder: &TempDir, count: usize) {
    let seller = Seller::new();
    let runs = open(folder.path(), &seller).await;
    for run in 0..count {
        let _ = runs.start(format!("run-{run}"), Order::waiting(&["n3"])).await.unwrap();
    }
    for run in 0..count {
        seller.begins(&format!("run-{run}/n3/1 #1")).await;
    }
    runs.shutdown(Duration::ZERO).await;
}

/// Goes on with what is whole, and tells what is said of the others.
async fn resumed(folder: &TempDir) -> (Runs, usize, Vec<Error>) {
    let seller = Seller::new();
    seller.open();
    let runs = open(folder.path(), &seller).await;
    let resumed = runs.resume().await.unwrap();
    (runs, resumed.runs, resumed.refused)
}

/// The message of an error and of its causes.
fn in_full(error: &Error) -> String {
    format!("{:#}", Fault::new(error.clone()))
}

#[tokio::test]
async fn a_context_that_is_none_any_more_stops_its_run_and_no_other() {
    let folder = TempDir::new().unwrap();
    waiting(&folder, 3).await;
    change(
        folder.path(),
        "UPDATE runs SET state = json_set(state, '$.contexts.0.faults', 7) WHERE id = 'run-1'",
    );
    let (runs, count, refused) = resumed(&folder).await;
    assert_eq!(count, 2);
    let message =
        "the context of run `run-1` does not deserialize: invalid type: integer `7`, expected a sequence";
    assert!(matches!(&refused[..], [one] if in_full(one).starts_with(message)), "{refused:?}");
    assert!(runs.outcome("run-0").await.unwrap().is_completed());
    assert!(runs.outcome("run-2").await.unwrap().is_completed());
    let shown = runs.show("run-1").await.unwrap();
    assert_eq!((shown.context["faults"].as_u64(), shown.report.at[0].node.label.as_str()), (Some(7), "Pay"));
    assert_eq!((shown.summary.status, shown.report.status), (Status::Refused, Status::Refused));
    assert!(matches!(runs.outcome("run-1").await, Err(Error::Context { run, .. }) if run == "run-1"));
}

#[tokio::test]
async fn a_state_that_is_none_stops_its_run_and_no_other() {
    let folder = TempDir::new().unwrap();
    waiting(&folder, 6).await;
    change(
        folder.path(),
        "UPDATE runs SET state = 'oh no' WHERE id = 'run-0';
         UPDATE runs SET state = json_set(state, '$.state.branches[0].node', 99) WHERE id = 'run-1';
         UPDATE runs SET walked = '[1, 2]' WHERE id = 'run-2';
         UPDATE runs SET walked = '' WHERE id = 'run-4';
         INSERT INTO path (run, first, walked) SELECT seq, 0, '[1, 2]' FROM runs WHERE id = 'run-4';
         UPDATE runs SET first = 1000 WHERE id = 'run-5';
         INSERT INTO path (run, first, walked) SELECT seq, 0, '[]' FROM runs WHERE id = 'run-5'",
    );
    let (runs, count, refused) = resumed(&folder).await;
    let refused: Vec<String> = refused.iter().map(in_full).collect();
    assert!(refused[0].starts_with("what was saved of run `run-0` is broken: expected value"), "{refused:?}");
    let node = "what was saved of run `run-1` is broken: it names node 99, and its drawing has 10";
    assert_eq!(refused[1], node);
    assert!(refused[2].starts_with("what was saved of run `run-2` is broken: invalid type"), "{refused:?}");
    assert!(refused[3].starts_with("what was saved of run `run-4` is broken: invalid type"), "{refused:?}");
    // A run goes on without what its path has lost.
    assert_eq!((count, refused.len()), (2, 4));
    for run in ["run-3", "run-5"] {
        assert!(runs.outcome(run).await.unwrap().is_completed());
        let path = runs.show(run).await.unwrap().report.path;
        assert_eq!(path.last().unwrap().node.label, "Sold", "{run}: what there is of its path stays");
    }
}

/// A row that grows may be moved by SQLite together with damaged neighbours.
#[tokio::test]
async fn the_row_of_a_run_stays_as_long_as_it_is() {
    let folder = TempDir::new().unwrap();
    waiting(&folder, 1).await;
    let held = || {
        let connection = rusqlite::Connection::open(folder.path().join("runs.db")).unwrap();
        let sql = "SELECT state, walked FROM runs";
        connection.query_row(sql, (), |row| Ok((row.get(0)?, row.get(1)?))).unwrap()
    };
    let (waiting, its_path): (String, String) = held();
    let (runs, ..) = resumed(&folder).await;
    assert!(runs.outcome("run-0").await.unwrap().is_completed());
    runs.shutdown(Duration::ZERO).await;
    let (over, path) = held();
    assert!(over.trim_end().len() > waiting.trim_end().len() && path.len() > its_path.len());
    assert!(
        over.len() + path.len() <= waiting.len() + its_path.len(),
        "{waiting:?} {its_path:?} {over:?} {path:?}"
    );
    assert_eq!(over.trim_end(), over, "a run that is over grows no more");
}

/// SQLite keeps as many runs on a page as fit; those on the others are read.
#[tokio::test]
async fn a_damaged_page_stops_its_runs_and_no_other() {
    let folder = TempDir::new().unwrap();
    waiting(&folder, 40).await;
    let path = folder.path().join("runs.db");
    let mut bytes = fs::read(&path).unwrap();
    // An index has its id, too; only its row has its state after it.
    let (id, state) = (b"run-20", b"{\"observed\"");
    let is_row = |bytes: &[u8]| bytes.starts_with(id) && bytes.windows(state.len()).any(|at| at == state);
    let at = bytes.windows(32).position(is_row).unwrap();
    let page = at / 4096 * 4096;
    bytes[page..page + 64].fill(0xAA);
    fs::write(&path, bytes).unwrap();

    let (runs, count, refused) = resumed(&folder).await;
    assert!(count > 20 && !refused.is_empty(), "{count}, {refused:?}");
    assert_eq!(count + refused.len(), 40);
    let messages: Vec<String> = refused.iter().map(in_full).collect();
    let damaged = "cannot read run `run-20`: database disk image is malformed";
    assert!(messages.iter().any(|message| message.starts_with(damaged)), "{messages:?}");
    assert!(refused.iter().all(Error::is_corrupt), "{messages:?}");
    let mut completed = 0;
    for run in 0..40 {
        let id = format!("run-{run}");
        if !messages.iter().any(|message| message.contains(&format!("`{id}`"))) {
            assert!(runs.outcome(&id).await.unwrap().is_completed());
            completed += 1;
        }
    }
    assert_eq!(completed, count);
}

#[tokio::test]
async fn a_context_that_is_no_json_is_not_started() {
    use flowgen_sqlite::Engine;
    use std::collections::BTreeMap;

    mod bare {
        flowgen::flow! {
            Lane { # Lane
                n1: circle label:"Start"
                n2: circle label:"End"
                n1.handle(right) -> n2.handle(left)
            }
        }
    }
    let folder = TempDir::new().unwrap();
    let runner = bare::Flow {}.into_runner();
    let runs = Engine::open(folder.path().join("runs.db"), runner).await.unwrap();
    let context = BTreeMap::from([((1, 2), 3)]);
    let message = in_full(&runs.start("a", context).await.unwrap_err());
    assert_eq!(message, "the context of run `a` does not serialize: key must be a string");
    assert!(matches!(runs.show("a").await, Err(Error::Unknown { .. })));
}

/// The ids of the runs of a list, each with its status.
async fn listed(runs: &Runs) -> Vec<String> {
    let listed = runs.list(ListRuns::all()).await.unwrap();
    listed.into_iter().map(|run| format!("{} {}", run.run, run.status)).collect()
}

#[tokio::test]
async fn a_row_that_cannot_be_read_is_listed_as_refused_and_hides_no_other() {
    let folder = TempDir::new().unwrap();
    waiting(&folder, 40).await;
    let path = folder.path().join("runs.db");
    let mut bytes = fs::read(&path).unwrap();
    let (id, state) = (b"run-20", b"{\"observed\"");
    let is_row = |bytes: &[u8]| bytes.starts_with(id) && bytes.windows(state.len()).any(|at| at == state);
    let page = bytes.windows(32).position(is_row).unwrap() / 4096 * 4096;
    bytes[page..page + 64].fill(0xAA);
    fs::write(&path, bytes).unwrap();

    let runs = open(folder.path(), &Seller::new()).await;
    let mut ids: Vec<String> = listed(&runs).await;
    assert!(
        ids.contains(&"run-20 refused".to_owned()) && ids.contains(&"run-0 running".to_owned()),
        "{ids:?}"
    );
    // Who resumes the runs finds out about those that are not over.
    let _ = runs.resume().await.unwrap();
    let refused = runs.list(ListRuns::with_statuses([Status::Refused])).await.unwrap();
    let malformed = "cannot read run `run-20`: database disk image is malformed";
    let reason = refused.iter().find(|run| run.run == "run-20").unwrap().refused.clone().unwrap();
    assert!(reason.starts_with(malformed), "{reason}");
    ids = ids.into_iter().map(|run| run.split(' ').next().unwrap().to_owned()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 40, "all are there");
    runs.shutdown(Duration::ZERO).await;

    let checked = Reader::open(&path).unwrap().check().unwrap();
    assert_eq!(checked.runs, 40);
    assert!(checked.problems.iter().any(|problem| problem.starts_with(malformed)), "{checked:?}");
}

#[tokio::test]
async fn an_instant_or_a_status_that_is_none_is_named_and_panics_nowhere() {
    let folder = TempDir::new().unwrap();
    waiting(&folder, 3).await;
    change(folder.path(), "UPDATE runs SET changed = 9223372036854775807, started = -5 WHERE id = 'run-0'");
    let runs = open(folder.path(), &Seller::new()).await;
    change(folder.path(), "UPDATE runs SET status = 9 WHERE id = 'run-2'");
    assert_eq!(listed(&runs).await, ["run-2 refused", "run-1 running", "run-0 running"]);
    let none = runs.list(ListRuns::with_statuses([Status::Refused])).await.unwrap().pop().unwrap();
    assert_eq!(none.refused.as_deref(), Some("its status is 9, which is none"));
    let wrong = "`started` is -5 ms after 1970, which is no instant before the year 10000";
    let shown = serde_json::to_value(runs.list(ListRuns::all()).await.unwrap()).unwrap();
    assert_eq!(shown[2]["refused"], wrong);
    assert_eq!((&shown[2]["started"], &shown[2]["changed"]), (&FIRST.into(), &LAST.into()));
    assert_eq!(serde_json::to_value(runs.show("run-0").await.unwrap()).unwrap()["changed"], LAST);
    let checked = Reader::open(runs.path()).unwrap().check().unwrap();
    let [first, second, third] = &checked.problems[..] else { panic!("{checked:?}") };
    assert_eq!(*first, format!("run `run-0`: {wrong}"));
    assert_eq!(second, "run `run-2`: its status is 9, which is none");
    assert_eq!(third, "run `run-2` is noted as refused, and what was saved of it says running");
}

const FIRST: &str = "1970-01-01T00:00:00Z";
const LAST: &str = "9999-12-31T23:59:59Z";

/// The file has a drawing twice: in its row, and in the index of it.
#[tokio::test]
async fn a_flip_in_a_drawing_refuses_no_run() {
    let folder = TempDir::new().unwrap();
    waiting(&folder, 3).await;
    let path = folder.path().join("runs.db");
    let whole = fs::read(&path).unwrap();
    let label = b"Reserve goods";
    let copies: Vec<usize> =
        (0..whole.len() - label.len()).filter(|at| whole[*at..].starts_with(label)).collect();
    assert_eq!(copies.len(), 2);
    for copy in copies {
        // A letter, and what makes the text no JSON.
        for flipped in [b'r', b'"'] {
            let mut bytes = whole.clone();
            bytes[copy] = flipped;
            fs::write(&path, bytes).unwrap();
            let checked = Reader::open(&path).unwrap().check().unwrap();
            // SQLite says that the index is not what the table is.
            assert_eq!(checked.problems.len(), 2, "{checked:?}");
            assert!(checked.problems[0].contains("sqlite_autoindex_drawings_1"), "{checked:?}");
            assert!(checked.problems[1].contains("the drawing number 1"), "{checked:?}");
            let (runs, count, refused) = resumed(&folder).await;
            assert_eq!((count, refused.len()), (3, 0), "{refused:?}");
            assert!(runs.outcome("run-0").await.unwrap().is_completed());
            runs.shutdown(Duration::from_secs(1)).await;
            for name in ["runs.db-wal", "runs.db-shm"] {
                let _ = fs::remove_file(folder.path().join(name));
            }
        }
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_file_is_told_by_name() {
    let folder = TempDir::new().unwrap();
    waiting(&folder, 4).await;
    change(
        folder.path(),
        "UPDATE runs SET state = 'oh no' WHERE id = 'run-0';
         UPDATE runs SET state = json_set(state, '$.state.branches[0].node', 99) WHERE id = 'run-1';
         UPDATE runs SET status = 5 WHERE id = 'run-2'",
    );
    let checked = Reader::open(folder.path().join("runs.db")).unwrap().check().unwrap();
    assert_eq!(checked.runs, 4);
    let [first, second, third] = &checked.problems[..] else { panic!("{checked:?}") };
    assert!(first.starts_with("what was saved of run `run-0` is broken: expected value"), "{first}");
    assert_eq!(second, "what was saved of run `run-1` is broken: it names node 99, and its drawing has 10");
    assert_eq!(third, "run `run-2` is noted as completed, and what was saved of it says running");
    // Of what is broken nothing can be made out, so it may go.
    let operator = Operator::open(folder.path().join("runs.db")).unwrap();
    assert!(matches!(operator.abandon("run-0"), Err(Error::Unreadable { .. })));
    operator.delete("run-0").unwrap();
    operator.delete("run-1").unwrap();
    assert!(matches!(operator.delete("run-3"), Err(Error::NotOver { .. })));
}

/// It may owe something, but nothing can be made out of it any more.
#[tokio::test]
async fn a_row_whose_checksum_does_not_match_is_deleted_by_name_only() {
    let folder = TempDir::new().unwrap();
    waiting(&folder, 3).await;
    let (as_over, earlier) =
        ("UPDATE runs SET status = 5 WHERE seq = 1", "UPDATE runs SET started = 1 WHERE seq = 2");
    drop(damage(folder.path(), &format!("{as_over}; {earlier}")));
    let (runs, count, refused) = resumed(&folder).await;
    let message = |seq, run| {
        format!(
            "row {seq} (run `{run}`) of table `runs` is damaged: its checksum does not match; take it from a backup, or \
             delete it"
        )
    };
    let refused: Vec<String> = refused.iter().map(ToString::to_string).collect();
    assert_eq!((count, &refused[..]), (1, &[message(2, "run-1")][..]));
    assert!(runs.outcome("run-2").await.unwrap().is_completed());
    // It is noted as completed, and it is not known whether it is.
    let later = std::time::SystemTime::now() + Duration::from_secs(9);
    assert_eq!(runs.delete_ended_before(later).await.unwrap(), 1);
    for (seq, run) in [(1, "run-0"), (2, "run-1")] {
        assert_eq!(runs.show(run).await.unwrap_err().to_string(), message(seq, run));
        runs.delete(run).await.unwrap();
        assert!(matches!(runs.show(run).await, Err(Error::Unknown { .. })));
    }
    assert!(runs.check().await.unwrap().is_empty());
}
