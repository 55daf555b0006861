//! Tests of internals: what is committed together, and a full disk.

use flowgen::report::Status;
use tempfile::TempDir;

use super::*;

fn columns(state: String) -> RunColumns {
    let state = Json(state.into_bytes());
    RunColumns { drawing: 1, status: Status::Running, changed: 0, state, last: PathChunk::default() }
}

fn new(id: &str, state: &str) -> Write {
    let state = state.to_owned();
    let columns = columns(state);
    Write::Begin(New { id: id.into(), sender: None, columns }, Vec::new())
}

fn keep(seq: i64, id: &str, state: String, messages: Vec<New>) -> Write {
    let (id, columns, goes_on, rewrite_path, part) = (id.into(), columns(state), true, false, None);
    Write::Update(RunUpdate { seq, id, columns, goes_on, rewrite_path, part, messages })
}

/// Keeps the writer busy, so that the following writes form one group.
fn slow() -> Write {
    Write::Raw(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000) SELECT max(i) FROM n",
    )
}

fn message(id: &str, sender: &str) -> New {
    let columns = columns("{}".to_owned());
    New { id: id.into(), sender: Some(sender.into()), columns }
}

fn open(path: &Path) -> Result<Store, Error> {
    Store::open(path, crate::time::wall)
}

async fn store() -> (TempDir, Store) {
    let folder = TempDir::new().unwrap();
    let store = open(&folder.path().join("runs.db")).unwrap();
    store.write(Write::Drawing("{}".to_owned())).await.unwrap();
    (folder, store)
}

async fn states(store: &Store) -> Vec<String> {
    let read = store.read(|from| {
        let mut sql = from.prepare("SELECT id || ' ' || state FROM runs ORDER BY seq").unwrap();
        Ok(sql.query_map((), |row| row.get(0)).unwrap().map(Result::unwrap).collect())
    });
    read.await.unwrap()
}

#[tokio::test]
async fn what_fails_in_a_group_fails_alone_and_as_a_whole() {
    let (_folder, store) = store().await;
    assert_eq!(store.write(new("a", "1")).await.unwrap().len(), 1);
    assert_eq!(store.write(new("taken", "0")).await.unwrap().len(), 1);
    let slow = store.write(slow());
    let good = store.write(new("b", "2"));
    let gone = store.write(keep(99, "gone", "9".to_owned(), Vec::new()));
    let taken = vec![message("new", "a"), message("taken", "a")];
    let torn = store.write(keep(1, "a", "torn".to_owned(), taken));
    let broken = store.write(Write::Raw("INSERT INTO runs (id) VALUES ('half'); SELECT * FROM nowhere"));
    let again = store.write(new("b", "3"));
    let last = store.write(new("c", "4"));
    slow.await.unwrap();
    assert_eq!(good.await.unwrap().len(), 1);
    assert!(matches!(gone.await, Err(Error::Unknown { run }) if run == "gone"));
    let torn = torn.await.unwrap_err().to_string();
    assert_eq!(
        torn,
        "a message of `a` would be the run `taken`, which is there already: abandon that one unless it is over, and \
         delete it"
    );
    assert!(broken.await.is_err());
    assert!(again.await.unwrap().is_empty(), "there is one already");
    assert_eq!(last.await.unwrap().len(), 1);
    assert_eq!(states(&store).await, ["a 1", "taken 0", "b 2", "c 4"]);
}

#[tokio::test]
async fn a_full_disk_is_told_and_what_was_saved_holds() {
    let (_folder, store) = store().await;
    store.write(new("a", "1")).await.unwrap();
    store.write(Write::Raw("PRAGMA max_page_count = 1")).await.unwrap();
    let long = "x".repeat(100_000);
    let slow = store.write(slow());
    let small = store.write(new("b", "2"));
    let Write::Update(ends) = keep(1, "a", long.clone(), Vec::new()) else { unreachable!() };
    let full = store.write(Write::Update(RunUpdate { goes_on: false, ..ends }));
    let last = store.write(new("c", "3"));
    slow.await.unwrap();
    let full = full.await.unwrap_err();
    assert!(full.is_full(), "{full}");
    let message = format!("{:#}", flowgen::Fault::new(full));
    assert!(message.starts_with("cannot save run `a`: database or disk is full"), "{message}");
    assert_eq!(small.await.unwrap().len(), 1, "what still fits is saved");
    assert_eq!(last.await.unwrap().len(), 1);
    assert_eq!(states(&store).await, ["a 1", "b 2", "c 3"]);
    // The file may grow again.
    store.write(Write::Raw("PRAGMA max_page_count = 10000")).await.unwrap();
    store.write(keep(1, "a", long.clone(), Vec::new())).await.unwrap();
    assert_eq!(states(&store).await, [format!("a {long}"), "b 2".to_owned(), "c 3".to_owned()]);
}

/// Otherwise each write would wait for the lock, one after the other.
#[tokio::test]
async fn a_locked_file_is_told_to_all_that_wait_at_once() {
    let (_folder, store) = store().await;
    let other = Connection::open(store.path()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let begun = std::time::Instant::now();
    let writes: Vec<_> = (0..50).map(|run| store.write(new(&format!("run-{run}"), "1"))).collect();
    for write in writes {
        let locked = write.await.unwrap_err();
        assert!(locked.is_passing(), "{locked}");
    }
    assert!(begun.elapsed() < 4 * LOCKED, "{:?}", begun.elapsed());
    drop(other);
    assert_eq!(store.write(new("a", "1")).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_closed_store_says_so_and_gives_up_the_file() {
    let (folder, store) = store().await;
    let last = store.write(new("a", "1"));
    store.close().await;
    assert_eq!(last.await.unwrap().len(), 1, "what was asked for is done");
    assert!(matches!(store.write(new("b", "2")).await, Err(Error::Closed)));
    assert!(matches!(store.read(|_| Ok(())).await, Err(Error::Closed)));
    let again = open(&folder.path().join("runs.db")).unwrap();
    assert_eq!(states(&again).await, ["a 1"]);
}

#[tokio::test]
async fn all_names_of_a_file_are_one() {
    let (folder, store) = store().await;
    let link = folder.path().join("link.db");
    std::os::unix::fs::symlink(store.path(), &link).unwrap();
    let error = open(&link).unwrap_err();
    assert!(matches!(&error, Error::Locked { holder, .. } if holder.starts_with("process ")), "{error}");
}

#[test]
fn the_index_of_statuses_leaves_out_what_is_completed() {
    assert_eq!(rows::INDEXED, format!("status <> {}", rows::code(Status::Completed)));
}

#[tokio::test]
async fn a_store_that_is_dropped_gives_up_the_file_once_all_is_written() {
    let (folder, store) = store().await;
    let last = store.write(new("a", "1"));
    drop(store);
    assert_eq!(last.await.unwrap().len(), 1, "what was asked for is done");
    let path = folder.path().join("runs.db");
    let again = loop {
        match open(&path) {
            Ok(store) => break store,
            Err(Error::Locked { .. }) => tokio::time::sleep(std::time::Duration::from_millis(1)).await,
            Err(error) => panic!("{error}"),
        }
    };
    assert_eq!(states(&again).await, ["a 1"]);
}

#[tokio::test]
async fn a_log_that_was_long_for_a_while_gets_shorter() {
    let (folder, store) = store().await;
    let length = || std::fs::metadata(folder.path().join("runs.db-wal")).unwrap().len();
    store.write(new("large", &"x".repeat(20 << 20))).await.unwrap();
    let long = length();
    for run in 0..3 {
        store.write(new(&format!("run-{run}"), "{}")).await.unwrap();
    }
    assert!(long > 20 << 20 && length() == 16 << 20, "{long} {}", length());
}

/// Records the errors that are logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl tracing::Subscriber for Log {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        *metadata.level() == tracing::Level::ERROR
    }

    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }

    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}

    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        struct Fields<'l>(&'l Log);
        impl tracing::field::Visit for Fields<'_> {
            fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn std::fmt::Debug) {
                if field.name() == "error" {
                    lock(&self.0.0).push(format!("{value:?}"));
                }
            }
        }
        event.record(&mut Fields(self));
    }

    fn enter(&self, _: &tracing::span::Id) {}

    fn exit(&self, _: &tracing::span::Id) {}
}

/// A file that a killed process leaves is checked when it is opened again; a closed file is not.
#[tokio::test]
async fn a_file_that_was_not_closed_is_checked() {
    let (folder, store) = store().await;
    for run in 0..100 {
        store.write(new(&format!("run-{run}"), &"x".repeat(100))).await.unwrap();
    }
    store.close().await;
    let path = folder.path().join("runs.db");
    let mut bytes = std::fs::read(&path).unwrap();
    // A page in the middle of the table.
    let at = bytes.windows(6).position(|at| at == b"run-50").unwrap() / 4096 * 4096;
    bytes[at..at + 64].fill(0xAA);
    std::fs::write(&path, bytes).unwrap();
    let logged = || {
        let log = Log::default();
        let store = tracing::subscriber::with_default(log.clone(), || open(&path)).unwrap();
        (store, lock(&log.0).clone())
    };
    let (store, errors) = logged();
    assert!(errors.is_empty(), "{errors:?}");
    store.close().await;
    rusqlite::Connection::open(&path).unwrap().execute_batch("UPDATE owner SET closed = 0").unwrap();
    let (store, errors) = logged();
    assert!(errors.iter().any(|error| error.starts_with("the file is damaged: ")), "{errors:?}");
    store.close().await;
    let (_store, errors) = logged();
    assert!(errors.is_empty(), "it was closed: {errors:?}");
}
