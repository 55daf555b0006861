//! A lock that limits a file to one owner.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::Arc;

use crate::error::Error;
use crate::time;

/// The exclusive right to drive the runs of a file, until it is dropped or the process ends.
///
/// It locks a separate file and not the database: closing any handle of the database would release the locks that
/// SQLite holds on it.
#[derive(Debug)]
pub(crate) struct Lock(File);

impl Lock {
    pub(crate) fn take(database: &Path) -> Result<Self, Error> {
        let path = beside(database, "-lock");
        let cannot = |source| Error::Open { path: path.clone(), source: Arc::new(source) };
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
        let mut file = file.map_err(|error| match error.kind() {
            std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => {
                Error::ReadOnly { path: database.to_owned() }
            }
            _ => cannot(error),
        })?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Error::Locked { path: database.to_owned(), holder: holder(&mut file) });
            }
            Err(TryLockError::Error(error)) => return Err(cannot(error)),
        }
        sign(&mut file).map_err(cannot)?;
        Ok(Self(file))
    }

    /// Returns the metadata of the locked file, even if its name refers to another file by now.
    #[cfg(unix)]
    pub(super) fn metadata(&self) -> std::io::Result<std::fs::Metadata> {
        self.0.metadata()
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // If this fails, closing the file has the same effect.
        let _ = self.0.unlock();
    }
}

/// Returns the path of a file that belongs to the database, by adding the suffix to its name.
pub(super) fn beside(database: &Path, suffix: &str) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Writes the holder of the lock into its file, for the error of other processes.
fn sign(file: &mut File) -> std::io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "process {} since {}", process::id(), time::text(time::wall()))
}

fn holder(file: &mut File) -> String {
    let mut text = String::new();
    let read = file.take(200).read_to_string(&mut text);
    match text.trim() {
        signed if read.is_ok() && !signed.is_empty() => signed.to_owned(),
        _ => "another process".to_owned(),
    }
}
