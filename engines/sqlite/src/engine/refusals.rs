//! The runs that this program can't go on with.

use std::collections::HashMap;
use std::sync::Mutex;

use crate::error::Error;
use crate::store::lock;

/// Why runs are refused, by their ids. The file has the reasons as text, for programs that don't have the flow.
#[derive(Debug, Default)]
pub(super) struct Refusals(Mutex<HashMap<String, Error>>);

impl Refusals {
    /// These are refused, and no others.
    pub(super) fn set(&self, refused: HashMap<String, Error>) {
        *lock(&self.0) = refused;
    }

    /// A run is refused no longer, or is gone.
    pub(super) fn forget(&self, run: &str) {
        lock(&self.0).remove(run);
    }

    /// # Errors
    ///
    /// Why the run is refused, if it is.
    pub(super) fn check(&self, run: &str) -> Result<(), Error> {
        lock(&self.0).get(run).cloned().map_or(Ok(()), Err)
    }
}
