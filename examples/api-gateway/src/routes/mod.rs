//! The routes, and how they are reloaded while requests are served.

mod file;
mod path;
mod pool;
mod table;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;

pub use file::TableError;
pub(crate) use path::{Matching, NormalPath, Template, normalize};
pub(crate) use pool::{Pool, Target};
pub(crate) use table::{Backend, Found, Gather, Part, Route, Table, To, Tried};

use crate::quota::Runtime;

/// The active routes, and the file that they were loaded from.
#[derive(Debug)]
pub struct Routes {
    file: PathBuf,
    now: ArcSwap<Table>,
    pool: Pool,
    clock: Runtime,
    /// Serializes reloads, so that the last one takes effect.
    reading: Mutex<()>,
}

impl Routes {
    /// Loads routes from a file.
    pub(crate) fn read(file: &Path, pool: Pool, clock: Runtime) -> Result<Self, TableError> {
        let now = ArcSwap::from_pointee(table::read(file, &pool, &clock, None)?);
        Ok(Self { file: file.to_owned(), now, pool, clock, reading: Mutex::new(()) })
    }

    /// Reloads the file. Requests in flight keep their routes. Breakers, and limits that have not changed, keep
    /// their counts.
    ///
    /// Returns the number of routes.
    ///
    /// # Errors
    ///
    /// The file is invalid. The routes remain unchanged.
    pub fn reload(&self) -> Result<usize, TableError> {
        let _one_at_a_time = self.reading.lock().unwrap_or_else(PoisonError::into_inner);
        let table = table::read(&self.file, &self.pool, &self.clock, Some(&self.now.load()))?;
        let routes = table.len();
        self.now.store(Arc::new(table));
        tracing::info!(routes, file = %self.file.display(), "the routes were read again");
        Ok(routes)
    }

    /// The active routes.
    pub(crate) fn now(&self) -> Arc<Table> {
        self.now.load_full()
    }

    /// The backends and breakers.
    pub(crate) fn pool(&self) -> &Pool {
        &self.pool
    }
}
