//! The runs that this program can't continue.

use std::collections::HashMap;
use std::sync::Mutex;

use crate::error::Error;
use crate::store::lock;

/// Why runs are refused, by run id. The file has the reasons as text, for programs without the flow.
#[derive(Debug, Default)]
pub(super) struct Refusals(Mutex<HashMap<String, Error>>);

impl Refusals {
    /// Replaces all refusals by these.
    pub(super) fn set(&self, refused: HashMap<String, Error>) {
        *lock(&self.0) = refused;
    }

    /// Removes a run that is not refused any more, or was deleted.
    pub(super) fn forget(&self, run: &str) {
        lock(&self.0).remove(run);
    }

    /// # Errors
    ///
    /// The reason, if the run is refused.
    pub(super) fn check(&self, run: &str) -> Result<(), Error> {
        lock(&self.0).get(run).cloned().map_or(Ok(()), Err)
    }
}
