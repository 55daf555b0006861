//! The records of a shop, on disk.

use std::fmt;
use std::fs;
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use flowgen::{Fault, Key, Result, Visit};
use tempfile::NamedTempFile;
use tokio::task::spawn_blocking;

/// A folder with a file for each key: an entry, or the mark of its undo, which is an empty file.
///
/// An entry is named after the idempotency key of the visit that made it. A step that is retried therefore makes
/// no second entry, and its compensation finds the first. If an attempt arrives after its compensation, it finds
/// the mark and does nothing.
#[derive(Clone, Debug)]
pub struct Records {
    folder: PathBuf,
}

/// Error if a key was undone: its mark refuses all further effects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undone {
    key: String,
}

impl Records {
    /// Creates records in this folder, which need not exist yet.
    #[must_use]
    pub fn in_folder(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Makes an entry atomically, unless this visit has already made one.
    ///
    /// # Errors
    ///
    /// [`Undone`], as a fault without effect, if the visit was undone, or the folder can't be written to.
    pub async fn enter(&self, visit: &Visit, entry: &str) -> Result {
        let (path, entry, key) = (self.path(visit.key()), entry.to_owned(), visit.key().to_string());
        let enter = move || match unfinished(&path, &entry)?.persist_noclobber(&path) {
            Ok(_) => Ok(()),
            // Mark and entry have the same file name, so the first of them wins.
            Err(there) if there.error.kind() == ErrorKind::AlreadyExists => {
                let is_mark = fs::metadata(&path)?.len() == 0;
                if is_mark { Err(Fault::not_done(Undone { key })) } else { Ok(()) }
            }
            Err(failed) => Err(failed.error.into()),
        };
        spawn_blocking(enter).await?
    }

    /// Replaces the entry by a mark. If there is no entry, it also leaves a mark. Idempotent.
    ///
    /// # Errors
    ///
    /// The folder can't be written to.
    pub async fn strike(&self, key: Key<'_>) -> io::Result<()> {
        let path = self.path(key);
        spawn_blocking(move || Ok(unfinished(&path, "")?.persist(&path).map(drop)?)).await?
    }

    /// All entries, sorted, without marks.
    ///
    /// # Errors
    ///
    /// The folder can't be read.
    pub async fn all(&self) -> io::Result<Vec<String>> {
        let folder = self.folder.clone();
        let read = move || {
            let mut entries = Vec::new();
            let files = match fs::read_dir(folder) {
                Err(error) if error.kind() == ErrorKind::NotFound => return Ok(entries),
                opened => opened?,
            };
            for file in files {
                let file = file?;
                if !file.file_name().to_string_lossy().starts_with(UNFINISHED) {
                    entries.push(fs::read_to_string(file.path())?);
                }
            }
            entries.retain(|entry| !entry.is_empty());
            entries.sort();
            Ok(entries)
        };
        spawn_blocking(read).await?
    }

    fn path(&self, key: Key<'_>) -> PathBuf {
        self.folder.join(key.to_string().replace('/', "_"))
    }
}

/// The prefix of temporary files, which are renamed when they are complete.
const UNFINISHED: &str = ".unfinished-";

/// Creates a temporary file beside this path.
fn unfinished(path: &Path, entry: &str) -> io::Result<NamedTempFile> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder)?;
    let mut file = tempfile::Builder::new().prefix(UNFINISHED).tempfile_in(folder)?;
    file.write_all(entry.as_bytes())?;
    Ok(file)
}

impl fmt::Display for Undone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` has been undone, so this attempt came too late and did nothing", self.key)
    }
}

impl std::error::Error for Undone {}
