use std::fs;
use std::time::Duration;

use flowgen::Fault;
use flowgen_sqlite::Error;
use tempfile::TempDir;

use crate::change;
use crate::shop::{Order, Runs, Seller, open};

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
    let said =
        "the context of run `run-1` does not deserialize: invalid type: integer `7`, expected a sequence";
    assert!(matches!(&refused[..], [one] if in_full(one).starts_with(said)), "{refused:?}");
    assert!(runs.outcome("run-0").await.unwrap().is_completed());
    assert!(runs.outcome("run-2").await.unwrap().is_completed());
    let shown = runs.show("run-1").await.unwrap();
    assert_eq!((shown.context["faults"].as_u64(), shown.report.at[0].place.label.as_str()), (Some(7), "Pay"));
    assert!(matches!(runs.outcome("run-1").await, Err(Error::Idle { .. })));
}

#[tokio::test]
async fn a_state_that_is_none_stops_its_run_and_no_other() {
    let folder = TempDir::new().unwrap();
    waiting(&folder, 6).await;
    change(
        folder.path(),
        "UPDATE runs SET state = 'oh no' WHERE id = 'run-0';
         UPDATE runs SET state = json_set(state, '$.state.places[0].node', 99) WHERE id = 'run-1';
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
        assert_eq!(path.last().unwrap().place.label, "Sold", "{run}: what there is of its path stays");
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
    let (id, state) = (b"run-20", b"{\"told\"");
    let is_row = |bytes: &[u8]| bytes.starts_with(id) && bytes.windows(state.len()).any(|at| at == state);
    let at = bytes.windows(32).position(is_row).unwrap();
    let page = at / 4096 * 4096;
    bytes[page..page + 64].fill(0xAA);
    fs::write(&path, bytes).unwrap();

    let (runs, count, refused) = resumed(&folder).await;
    assert!(count > 20 && !refused.is_empty(), "{count}, {refused:?}");
    assert_eq!(count + refused.len(), 40);
    let said: Vec<String> = refused.iter().map(in_full).collect();
    let damaged = "cannot read run `run-20`: database disk image is malformed";
    assert!(said.iter().any(|said| said.starts_with(damaged)), "{said:?}");
    assert!(refused.iter().all(Error::is_corrupt), "{said:?}");
    let mut completed = 0;
    for run in 0..40 {
        let id = format!("run-{run}");
        if !said.iter().any(|said| said.contains(&format!("`{id}`"))) {
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
    let said = in_full(&runs.start("a", context).await.unwrap_err());
    assert_eq!(said, "the context of run `a` does not serialize: key must be a string");
    assert!(matches!(runs.show("a").await, Err(Error::Unknown { .. })));
}
