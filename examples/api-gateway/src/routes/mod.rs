//! Which request goes to which backends, and how that is changed while requests come.

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

/// The routes that are in force, and the file that they were read from.
#[derive(Debug)]
pub struct Routes {
    file: PathBuf,
    now: ArcSwap<Table>,
    pool: Pool,
    clock: Runtime,
    /// One reading at a time, so that what was read last is what counts.
    reading: Mutex<()>,
}

impl Routes {
    /// Reads routes from a file.
    pub(crate) fn read(file: &Path, pool: Pool, clock: Runtime) -> Result<Self, TableError> {
        let now = ArcSwap::from_pointee(table::read(file, &pool, &clock, None)?);
        Ok(Self { file: file.to_owned(), now, pool, clock, reading: Mutex::new(()) })
    }

    /// Reads the file again. Requests that are under way keep the routes that they came with; breakers,
    /// and limits that stay the same, keep what they have counted.
    ///
    /// Returns how many routes there are now.
    ///
    /// # Errors
    ///
    /// What is wrong with the file. The routes stay what they were.
    pub fn reload(&self) -> Result<usize, TableError> {
        let _one_at_a_time = self.reading.lock().unwrap_or_else(PoisonError::into_inner);
        let table = table::read(&self.file, &self.pool, &self.clock, Some(&self.now.load()))?;
        let routes = table.len();
        self.now.store(Arc::new(table));
        tracing::info!(routes, file = %self.file.display(), "the routes were read again");
        Ok(routes)
    }

    /// The routes that are in force now.
    pub(crate) fn now(&self) -> Arc<Table> {
        self.now.load_full()
    }

    /// What is called.
    pub(crate) fn pool(&self) -> &Pool {
        &self.pool
    }
}
