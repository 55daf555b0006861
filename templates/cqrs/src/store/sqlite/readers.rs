//! Connections that read: they never wait for the one that writes, nor it for them.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, Transaction};
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::task::{block_in_place, spawn_blocking};

use super::super::{Result, StoreError};
use super::connect;

/// Connections that nobody uses at the moment.
#[derive(Clone, Debug)]
pub(super) struct Readers {
    file: Arc<Path>,
    idle: Arc<Mutex<Vec<Connection>>>,
}

impl Readers {
    pub(super) fn new(file: &Path) -> Self {
        Self { file: file.into(), idle: Arc::default() }
    }

    /// Reads what is there at one moment.
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
        // Most reads are shorter than the way to another thread and back. Tokio lets one take over what else
        // is ready, if it has any.
        if Handle::current().runtime_flavor() == RuntimeFlavor::MultiThread {
            return block_in_place(read);
        }
        spawn_blocking(read).await.map_err(|_| StoreError::Closed)?
    }
}
