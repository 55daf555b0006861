//! What a shop has done, on disk.

use std::io::{self, ErrorKind};
use std::path::PathBuf;

use flowgen::{Key, Visit};
use tokio::fs;

/// A folder with a file for each entry, named after the idempotency key of the visit that made it.
///
/// So a step that is tried again makes no second entry, and its compensation finds the first.
#[derive(Clone, Debug)]
pub struct Records {
    folder: PathBuf,
}

impl Records {
    /// The records in this folder, which need not exist yet.
    #[must_use]
    pub fn in_folder(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Makes an entry, whole or not at all.
    ///
    /// # Errors
    ///
    /// The folder can't be written to.
    pub async fn enter(&self, visit: &Visit, entry: &str) -> io::Result<()> {
        fs::create_dir_all(&self.folder).await?;
        let path = self.path(visit.key());
        let unfinished = path.with_extension("unfinished");
        fs::write(&unfinished, entry).await?;
        fs::rename(&unfinished, &path).await
    }

    /// Takes an entry out. Done twice, it does nothing more.
    ///
    /// # Errors
    ///
    /// The file can't be removed.
    pub async fn strike(&self, key: Key<'_>) -> io::Result<()> {
        match fs::remove_file(self.path(key)).await {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            done => done,
        }
    }

    /// All entries, sorted.
    ///
    /// # Errors
    ///
    /// The folder can't be read.
    pub async fn all(&self) -> io::Result<Vec<String>> {
        let mut entries = Vec::new();
        let mut folder = match fs::read_dir(&self.folder).await {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(entries),
            opened => opened?,
        };
        while let Some(file) = folder.next_entry().await? {
            entries.push(fs::read_to_string(file.path()).await?);
        }
        entries.sort();
        Ok(entries)
    }

    fn path(&self, key: Key<'_>) -> PathBuf {
        self.folder.join(key.to_string().replace('/', "_"))
    }
}
