//! The files of an environment.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::tenant::Ticket;

/// The number of visits to remember whose processes were ended. A late attempt to start one belongs to one of the
/// last visits.
const MOST_ENDED: usize = 100;

/// The files of an environment, in its folder.
#[derive(Clone, Debug)]
pub(super) struct Files(PathBuf);

impl Files {
    pub(super) fn in_folder(folder: PathBuf) -> Self {
        Self(folder)
    }

    pub(super) fn folder(&self) -> &Path {
        &self.0
    }

    pub(super) fn instance(&self) -> PathBuf {
        self.0.join("instance")
    }

    pub(super) fn log(&self) -> PathBuf {
        self.0.join("log")
    }

    fn ticket(&self) -> PathBuf {
        self.0.join("ticket")
    }

    /// Takes the lock. It is released when the result is dropped, or when the process ends.
    pub(super) fn lock(&self) -> io::Result<File> {
        std::fs::create_dir_all(&self.0)?;
        let lock = File::options().create(true).truncate(false).write(true).open(self.0.join("lock"))?;
        lock.lock()?;
        Ok(lock)
    }

    pub(super) fn give(&self, ticket: &Ticket) -> io::Result<()> {
        write(&self.ticket(), ticket)
    }

    /// Removes the ticket if this visit has issued it. With `None`, removes any ticket.
    pub(super) fn take_back(&self, given_by: Option<&str>) -> io::Result<()> {
        let is_meant = |ticket: Ticket| given_by.is_none_or(|visit| ticket.started_by == visit);
        if self.given()?.is_some_and(is_meant) {
            std::fs::remove_file(self.ticket())?;
        }
        Ok(())
    }

    /// Records that this visit must not start a process here any more.
    pub(super) fn close_to(&self, visit: &str) -> io::Result<()> {
        let mut ended = self.ended()?;
        if !ended.iter().any(|key| key == visit) {
            ended.push(visit.to_owned());
            ended.drain(..ended.len().saturating_sub(MOST_ENDED));
            write(&self.0.join("ended"), &ended)?;
        }
        Ok(())
    }

    pub(super) fn is_closed_to(&self, visit: &str) -> io::Result<bool> {
        Ok(self.ended()?.iter().any(|key| key == visit))
    }

    /// The keys of the visits whose processes were ended, oldest first.
    fn ended(&self) -> io::Result<Vec<String>> {
        Ok(read(&self.0.join("ended"))?.unwrap_or_default())
    }

    pub(super) fn given(&self) -> io::Result<Option<Ticket>> {
        read(&self.ticket())
    }
}

/// Reads a value. `None` if the file does not exist.
pub(crate) fn read<T: DeserializeOwned>(path: &Path) -> io::Result<Option<T>> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(serde_json::from_slice(&bytes)?)),
        Err(why) if why.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(why) => Err(why),
    }
}

/// Writes a value atomically.
pub(super) fn write<T: Serialize>(path: &Path, value: &T) -> io::Result<()> {
    replace(path, &serde_json::to_vec_pretty(value)?)
}

/// Writes a file atomically. It survives a power failure.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or_else(|| Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|why| why.error)?;
    File::open(folder)?.sync_all()
}
