//! What is being recorded.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What happened to a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Bytes were written.
    Write {
        /// Where in the file.
        offset: usize,
        /// What.
        bytes: Vec<u8>,
    },
    /// The file was made as long as this.
    Truncate {
        /// In bytes.
        length: usize,
    },
    /// All that was written to the file is on the disk.
    Sync,
    /// The file was deleted.
    Delete {
        /// Its folder was synced after that.
        is_synced: bool,
    },
}

/// Something that happened.
#[derive(Clone, Debug)]
pub enum Event {
    /// A file of the folder was changed.
    File {
        /// Its name in the folder.
        name: String,
        /// How.
        change: Change,
        /// How long the file of the witness was just before.
        witnessed: u64,
    },
    /// The test set a mark.
    Mark(String),
}

/// What is being recorded.
pub(crate) struct Recorder {
    pub(crate) folder: PathBuf,
    pub(crate) witness: PathBuf,
    pub(crate) events: Vec<Event>,
}

static RECORDER: Mutex<Option<Recorder>> = Mutex::new(None);
/// Connections are opened with `synchronous=NORMAL`.
pub(crate) static WEAKENED: AtomicBool = AtomicBool::new(false);

pub(crate) fn recorder() -> MutexGuard<'static, Option<Recorder>> {
    RECORDER.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) fn is_weakened() -> bool {
    WEAKENED.load(Ordering::Relaxed)
}

/// Does something to a file. Notes what, where the file is in the folder that is recorded.
pub(crate) fn recording(path: &Path, change: impl FnOnce() -> Change, act: impl FnOnce() -> i32) -> i32 {
    let mut recording = recorder();
    let Some(recorder) = recording.as_mut().filter(|recorder| path.parent() == Some(&recorder.folder)) else {
        drop(recording);
        return act();
    };
    let witnessed = fs::metadata(&recorder.witness).map_or(0, |metadata| metadata.len());
    let result = act();
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    if result == 0 {
        recorder.events.push(Event::File { name, change: change(), witnessed });
    }
    result
}

/// Notes that something is known now, from outside of SQLite.
pub fn mark(what: impl Into<String>) {
    if let Some(recorder) = recorder().as_mut() {
        recorder.events.push(Event::Mark(what.into()));
    }
}

/// Lets connections that are opened from now on, until the recording ends, have `synchronous=NORMAL`, whatever the
/// program asks for.
pub fn weaken() {
    WEAKENED.store(true, Ordering::Relaxed);
}
