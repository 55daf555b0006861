//! Connections for reading. Readers and the writer do not block each other.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, Transaction};
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::task::{block_in_place, spawn_blocking};

use super::super::{Result, StoreError};
use super::connect;

/// The idle connections.
#[derive(Clone, Debug)]
pub(super) struct Readers {
    file: Arc<Path>,
    idle: Arc<Mutex<Vec<Connection>>>,
}

impl Readers {
    pub(super) fn new(file: &Path) -> Self {
        Self { file: file.into(), idle: Arc::default() }
    }

    /// Reads from one snapshot of the database.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let Self { file, idle } = self.clone();
        let read = move || {
            let taken = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let mut connection = taken.map_or_else(|| connect(&file), Ok)?;
            let done = work(&connection.transaction()?);
            idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
            done
        };
        // Most reads are shorter than a switch to another thread. With several worker threads, Tokio can move the
        // other ready tasks to another thread meanwhile.
        if Handle::current().runtime_flavor() == RuntimeFlavor::MultiThread {
            return block_in_place(read);
        }
        spawn_blocking(read).await.map_err(|_| StoreError::Closed)?
    }
}
