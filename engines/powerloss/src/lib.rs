//! What a power loss leaves of SQLite's files, for tests.
//!
//! [`record`] notes each write, sync, truncation and deletion that SQLite makes in a folder, in their order, beside
//! marks that a test sets. [`Recording::image`] makes the files that a loss of power at one of them may leave: what
//! was synced is there, and of what was not, none, all, or any of its sectors, some of them torn.
//!
//! # What is assumed of a disk
//!
//! - What was synced stays. A name is kept when its file is synced, as on ext4, or when SQLite syncs the folder.
//! - A write changes no byte beside those that it writes: SQLite assumes that, too (`SQLITE_IOCAP_POWERSAFE_OVERWRITE`).
//! - A sector has 512 bytes. Of a torn one, the first bytes are new and the others old.

#![cfg(unix)]
#![allow(clippy::expect_used, clippy::panic, reason = "for tests")]

mod recorder;
mod vfs;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::{Mutex, PoisonError};

pub use recorder::{Change, Event, mark, weaken};
use recorder::{Recorder, WEAKENED, recorder};

/// The bytes that a disk writes as one.
pub const SECTOR: usize = 512;

/// What was recorded.
#[derive(Debug)]
pub struct Recording {
    /// The files that were there before, which are on the disk.
    before: BTreeMap<String, Vec<u8>>,
    events: Vec<Event>,
}

/// How much of what was not synced a disk has when the power fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsynced {
    /// None of it.
    Lost,
    /// All of it.
    Kept,
    /// Some sectors, and some of these in part: by a dice that begins with this.
    Torn(u64),
}

static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// Records what SQLite does in this folder while this runs. How long another file is, the witness, is noted beside.
/// The databases that are in the folder already are on the disk; nothing may have them open.
///
/// Each connection writes its log back every 16 pages. One recording at a time: others wait.
///
/// # Panics
///
/// Where the folder is not there, or can't be read.
pub fn record(folder: &Path, witness: &Path, what: impl FnOnce()) -> Recording {
    let _one = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    vfs::install();
    let folder = folder.canonicalize().expect("the folder is there");
    let (before, events) = (databases(&folder), Vec::new());
    *recorder() = Some(Recorder { folder, witness: witness.to_owned(), events });
    what();
    WEAKENED.store(false, Ordering::Relaxed);
    let recorded = recorder().take().expect("it was set above");
    Recording { before, events: recorded.events }
}

fn databases(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).expect("the folder can be read");
    let paths = entries.map(|entry| entry.expect("the folder can be read").path());
    let databases = paths.filter(|path| path.extension().is_some_and(|extension| extension == "db"));
    let read = |path: PathBuf| {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        (name, fs::read(&path).expect("the file can be read"))
    };
    databases.map(read).collect()
}

/// Numbers by chance, the same for the same seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or(0) % sides
    }

    fn is_heads(&mut self) -> bool {
        self.below(2) == 0
    }
}

impl Recording {
    /// What happened, in its order.
    #[must_use]
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// Where the power may fail: just before each change of a file, and after all of them.
    pub fn moments(&self) -> impl Iterator<Item = usize> {
        let is_change = |event: &Event| matches!(event, Event::File { .. });
        let changes = self.events.iter().enumerate().filter(move |(_, event)| is_change(event));
        changes.map(|(at, _)| at).chain([self.events.len()])
    }

    /// The marks that were set before this moment.
    pub fn marks(&self, moment: usize) -> impl Iterator<Item = &str> {
        self.events[..moment].iter().filter_map(|event| match event {
            Event::Mark(what) => Some(what.as_str()),
            Event::File { .. } => None,
        })
    }

    /// How long the file of the witness was at this moment; `None` at the end.
    #[must_use]
    pub fn witnessed(&self, moment: usize) -> Option<u64> {
        match self.events.get(moment)? {
            Event::File { witnessed, .. } => Some(*witnessed),
            Event::Mark(_) => self.witnessed(moment + 1),
        }
    }

    /// The files that the disk has when the power fails at this moment, by their names.
    #[must_use]
    pub fn image(&self, moment: usize, unsynced: Unsynced) -> BTreeMap<String, Vec<u8>> {
        let (mut synced, mut pending) = (self.before.clone(), Vec::new());
        for event in &self.events[..moment] {
            let Event::File { name, change, .. } = event else { continue };
            match change {
                Change::Sync => {
                    // A file that was not written to has its name now.
                    synced.entry(name.clone()).or_default();
                    let (its, others) = pending.into_iter().partition(|(other, _)| *other == name);
                    pending = others;
                    apply(&mut synced, its, Unsynced::Kept);
                }
                Change::Delete { is_synced: true } => {
                    pending.retain(|(other, _)| *other != name);
                    synced.remove(name);
                }
                change => pending.push((name, change)),
            }
        }
        apply(&mut synced, pending, unsynced);
        synced
    }
}

fn apply(to: &mut BTreeMap<String, Vec<u8>>, changes: Vec<(&String, &Change)>, which: Unsynced) {
    let mut dice = match which {
        Unsynced::Lost => return,
        Unsynced::Kept => None,
        Unsynced::Torn(seed) => Some(Dice(seed)),
    };
    for (name, change) in changes {
        match (change, &mut dice) {
            (Change::Write { offset, bytes }, None) => {
                write(to.entry(name.clone()).or_default(), *offset, bytes);
            }
            (Change::Write { offset, bytes }, Some(dice)) => {
                for (at, sector) in sectors(*offset, bytes) {
                    // One in eight is torn.
                    let kept = if dice.below(8) == 0 { dice.below(sector.len()) } else { sector.len() };
                    if dice.is_heads() {
                        write(to.entry(name.clone()).or_default(), at, &sector[..kept]);
                    }
                }
            }
            (Change::Truncate { length }, dice) => {
                if dice.as_mut().is_none_or(Dice::is_heads) {
                    to.entry(name.clone()).or_default().resize(*length, 0);
                }
            }
            (Change::Delete { .. }, dice) => {
                if dice.as_mut().is_none_or(Dice::is_heads) {
                    to.remove(name);
                }
            }
            (Change::Sync, _) => {}
        }
    }
}

/// Bytes of a file, by the sectors that they are in.
fn sectors(offset: usize, bytes: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let mut begin = 0;
    std::iter::from_fn(move || {
        let at = offset + begin;
        let length = (SECTOR - at % SECTOR).min(bytes.len() - begin);
        let sector = (length > 0).then(|| (at, &bytes[begin..begin + length]));
        begin += length;
        sector
    })
}

fn write(file: &mut Vec<u8>, offset: usize, bytes: &[u8]) {
    if file.len() < offset + bytes.len() {
        file.resize(offset + bytes.len(), 0);
    }
    file[offset..offset + bytes.len()].copy_from_slice(bytes);
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;

    fn written(name: &str, offset: usize, bytes: &[u8]) -> Event {
        let change = Change::Write { offset, bytes: bytes.to_vec() };
        Event::File { name: name.to_owned(), change, witnessed: 0 }
    }

    fn changed(name: &str, change: Change) -> Event {
        Event::File { name: name.to_owned(), change, witnessed: 0 }
    }

    #[test]
    fn what_was_synced_stays_and_what_was_not_may_go() {
        let events = vec![
            written("a", 0, b"one"),
            written("b", 0, b"two"),
            changed("a", Change::Sync),
            written("a", 2, b"E!"),
            changed("a", Change::Truncate { length: 1 }),
            changed("b", Change::Delete { is_synced: true }),
        ];
        let recording = Recording { before: BTreeMap::new(), events };
        let image = |moment, unsynced| {
            let image = recording.image(moment, unsynced).into_iter();
            image
                .map(|(name, bytes)| format!("{name}={}", String::from_utf8_lossy(&bytes)))
                .collect::<Vec<_>>()
        };
        assert_eq!(image(2, Unsynced::Lost), [""; 0]);
        assert_eq!(image(2, Unsynced::Kept), ["a=one", "b=two"]);
        assert_eq!(image(4, Unsynced::Lost), ["a=one"]);
        assert_eq!(image(4, Unsynced::Kept), ["a=onE!", "b=two"]);
        assert_eq!(image(6, Unsynced::Kept), ["a=o"]);
        let torn: std::collections::BTreeSet<_> =
            (0..99).map(|seed| image(4, Unsynced::Torn(seed))).collect();
        for left in [&["a=one"][..], &["a=onE!"], &["a=onE!", "b=two"], &["a=one", "b=tw"]] {
            assert!(torn.iter().any(|image| image == left), "{left:?} of {torn:?}");
        }
    }

    #[test]
    fn sectors_begin_where_the_disk_has_them() {
        let bytes = [7; 1200];
        let lengths: Vec<_> = sectors(500, &bytes).map(|(at, sector)| (at, sector.len())).collect();
        assert_eq!(lengths, [(500, 12), (512, 512), (1024, 512), (1536, 164)]);
    }

    /// How many rows of two are left, after the commit of the second one.
    fn rows_left(weakly: bool) -> i64 {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().canonicalize().expect("it is there").join("a.db");
        let recording = record(folder.path(), Path::new(""), || {
            let connection = Connection::open(&path).expect("it opens");
            let sql = "PRAGMA synchronous = EXTRA; PRAGMA journal_mode = WAL; CREATE TABLE t (x); INSERT INTO t VALUES (1)";
            connection.execute_batch(sql).expect("it is written");
            drop(connection);
            if weakly {
                weaken();
            }
            let connection = Connection::open(&path).expect("it opens");
            let sql = "PRAGMA synchronous = FULL; INSERT INTO t VALUES (2)";
            connection.execute_batch(sql).expect("it is written");
            mark("committed");
        });
        let at =
            recording.events().iter().position(|event| matches!(event, Event::Mark(_))).expect("it is set");
        let left = tempfile::tempdir().expect("a folder");
        for (name, bytes) in recording.image(at, Unsynced::Lost) {
            fs::write(left.path().join(name), bytes).expect("it is written");
        }
        let connection = Connection::open(left.path().join("a.db")).expect("it opens");
        connection.query_row("SELECT count(*) FROM t", (), |row| row.get(0)).expect("there is a table")
    }

    #[test]
    fn a_commit_is_on_the_disk_unless_it_is_made_weakly() {
        assert_eq!((rows_left(false), rows_left(true)), (2, 1));
    }
}
