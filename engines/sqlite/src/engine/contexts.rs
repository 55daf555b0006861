//! Reading the contexts of runs, including those that older versions of the program have saved.

use std::fmt;
use std::sync::Arc;

use flowgen::Panicked;
use flowgen::run::BranchId;
use serde::de::{DeserializeOwned, Error as _};
use serde_json::value::RawValue;

use crate::error::Error;

/// The origin of a context.
#[derive(Clone, Copy, Debug)]
pub(super) struct Origin<'r> {
    pub(super) run: &'r str,
    pub(super) branch: BranchId,
    /// The version that it was saved with.
    pub(super) version: u32,
}

/// A boxed error, returned by functions that read old contexts.
pub(super) type BoxError = Box<dyn std::error::Error + Send + Sync>;

type Migrate<Cx> = dyn Fn(u32, &str) -> Result<Cx, BoxError> + Send + Sync;

/// How contexts are read.
pub(super) struct Contexts<Cx> {
    /// The version that the program saves.
    pub(super) version: u32,
    /// Reads contexts of older versions.
    pub(super) migrate: Option<Arc<Migrate<Cx>>>,
}

impl<Cx> Default for Contexts<Cx> {
    fn default() -> Self {
        Self { version: 1, migrate: None }
    }
}

impl<Cx> Clone for Contexts<Cx> {
    fn clone(&self) -> Self {
        Self { version: self.version, migrate: self.migrate.clone() }
    }
}

impl<Cx> fmt::Debug for Contexts<Cx> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Contexts").field("version", &self.version).finish_non_exhaustive()
    }
}

impl<Cx: DeserializeOwned> Contexts<Cx> {
    /// Reads a context of this version or of an older one.
    pub(super) fn read(&self, origin: Origin<'_>, text: &RawValue) -> Result<Cx, Error> {
        let Origin { run, branch, version: found } = origin;
        if found > self.version {
            return Err(Error::ContextVersion { run: run.to_owned(), found, known: self.version });
        }
        let Some(migrate) = self.migrate.as_ref().filter(|_| found < self.version) else {
            return context(run, branch, text);
        };
        let migrated = Panicked::catch(|| migrate(found, text.get()));
        migrated.unwrap_or_else(|panicked| Err(panicked.into())).map_err(|source| Error::Migration {
            run: run.to_owned(),
            branch,
            from: found,
            to: self.version,
            source: source.into(),
        })
    }
}

/// Deserializes a context.
pub(super) fn context<Cx: DeserializeOwned>(
    run: &str,
    branch: BranchId,
    text: &RawValue,
) -> Result<Cx, Error> {
    catching(|| serde_json::from_str(text.get())).map_err(|source| Error::Context {
        run: run.to_owned(),
        branch,
        doing: "deserialize",
        source: source.into(),
    })
}

/// Serializes or deserializes a context. A panic becomes an error.
pub(super) fn catching<T>(code: impl FnOnce() -> serde_json::Result<T>) -> serde_json::Result<T> {
    Panicked::catch(code).unwrap_or_else(|panicked| Err(serde_json::Error::custom(panicked)))
}
