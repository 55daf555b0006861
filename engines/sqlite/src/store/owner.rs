//! The process that may write to a file, and the check that it still may.

use std::path::{Path, PathBuf};

use rusqlite::Connection;
use rusqlite::config::DbConfig;

use super::lock::Lock;
use crate::error::Error;

/// The right to write to a file, which is verified in each transaction.
#[derive(Debug)]
pub(crate) struct Owner {
    path: PathBuf,
    /// The epoch of this process: each process that opens the file increments it.
    epoch: i64,
    files: files::Files,
    /// Dropped last.
    _lock: Lock,
}

impl Owner {
    /// Creates the owner of a database that is open in WAL mode and has this epoch.
    pub(super) fn new(path: &Path, epoch: i64, lock: Lock) -> Result<Self, Error> {
        let files = files::Files::note(path, &lock)?;
        Ok(Self { path: path.to_owned(), epoch, files, _lock: lock })
    }

    /// Verifies that no other process has opened the file since. If it is called in a transaction, the result
    /// holds until that ends.
    pub(super) fn verify_epoch(&self, connection: &Connection) -> Result<(), Error> {
        let sql = connection.prepare_cached("SELECT epoch FROM owner");
        let found = sql.and_then(|mut sql| sql.query_row((), |row| row.get(0)));
        let found: i64 = found.map_err(Error::sqlite("read the owner of the file"))?;
        if found == self.epoch {
            return Ok(());
        }
        Err(Error::TakenOver { path: self.path.clone(), epoch: self.epoch, found })
    }

    /// Verifies that the names of the database, its log and its lock still refer to the opened files. Takes some
    /// microseconds.
    pub(super) fn verify_files(&self) -> Result<(), Error> {
        self.files.verify()
    }

    /// Records that the file was closed properly. Changes nothing if another process has taken over the file.
    pub(super) fn release(&self, connection: &Connection) {
        let close = || {
            let sql = "UPDATE owner SET closed = 1 WHERE epoch = ?";
            connection.execute(sql, [self.epoch]).map_err(Error::sqlite("close the file"))
        };
        let closed = self.verify_files().and_then(|()| self.verify_epoch(connection)).and_then(|()| close());
        match closed {
            // The log was deleted, but SQLite still writes it into the database.
            Ok(_) | Err(Error::Deleted { .. }) => {}
            Err(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "the file is not closed in good order"
                );
                // SQLite would delete the log by its name, which may be that of another file by now.
                let _ = connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true);
            }
        }
    }
}

/// Refuses a file that has several names.
pub(super) fn refuse_links(path: &Path) -> Result<(), Error> {
    files::refuse_links(path)
}

#[cfg(unix)]
mod files {
    use std::fs::{self, Metadata};
    use std::io;
    use std::os::unix::fs::MetadataExt;
    use std::sync::Arc;

    use super::super::lock::beside;
    use super::{Error, Lock, Path, PathBuf};

    /// The database, its log, the index of the log, and the lock, as they were opened.
    #[derive(Debug)]
    pub(super) struct Files([(PathBuf, Identity); 4]);

    /// Device and inode of a file.
    type Identity = (u64, u64);

    fn identity(metadata: &Metadata) -> Identity {
        (metadata.dev(), metadata.ino())
    }

    impl Files {
        pub(super) fn note(path: &Path, lock: &Lock) -> Result<Self, Error> {
            let known = |path: PathBuf| {
                let metadata = fs::metadata(&path).map_err(cannot_read(&path))?;
                Ok::<_, Error>((path, identity(&metadata)))
            };
            let lock_path = beside(path, "-lock");
            let locked = lock.metadata().map_err(cannot_read(&lock_path))?;
            let [wal, shm] = ["-wal", "-shm"].map(|suffix| beside(path, suffix));
            let files = [known(path.to_owned())?, known(wal)?, known(shm)?, (lock_path, identity(&locked))];
            let files = Self(files);
            files.verify()?;
            Ok(files)
        }

        pub(super) fn verify(&self) -> Result<(), Error> {
            for (path, known) in &self.0 {
                let metadata = match fs::metadata(path) {
                    Ok(metadata) => metadata,
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {
                        return Err(Error::Deleted { path: path.clone() });
                    }
                    Err(error) => return Err(cannot_read(path)(error)),
                };
                if identity(&metadata) != *known {
                    return Err(Error::Replaced { path: path.clone() });
                }
                single(path, &metadata)?;
            }
            Ok(())
        }
    }

    pub(super) fn refuse_links(path: &Path) -> Result<(), Error> {
        match fs::metadata(path) {
            Ok(metadata) => single(path, &metadata),
            // The file does not exist yet. An error is reported when it is opened.
            Err(_) => Ok(()),
        }
    }

    fn single(path: &Path, metadata: &Metadata) -> Result<(), Error> {
        match metadata.nlink() {
            0 | 1 => Ok(()),
            links => Err(Error::HardLinked { path: path.to_owned(), links }),
        }
    }

    fn cannot_read(path: &Path) -> impl FnOnce(io::Error) -> Error {
        move |source| Error::Open { path: path.to_owned(), source: Arc::new(source) }
    }
}

/// On Windows, no process can delete or replace a file that SQLite has open, and Rust's standard library does not
/// return the number of hard links. The epoch protects the file there.
#[cfg(not(unix))]
mod files {
    use super::{Error, Lock, Path};

    #[derive(Debug)]
    pub(super) struct Files;

    impl Files {
        pub(super) fn note(_: &Path, _: &Lock) -> Result<Self, Error> {
            Ok(Self)
        }

        pub(super) fn verify(&self) -> Result<(), Error> {
            Ok(())
        }
    }

    pub(super) fn refuse_links(_: &Path) -> Result<(), Error> {
        Ok(())
    }
}
