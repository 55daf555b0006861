//! The lane `Controller`: records the results of releases.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use flowgen::{Fault, Result, Visit};
use serde::{Deserialize, Serialize};

use crate::drawing::controller as drawn;
use crate::release::Release;
use crate::slot::replace;

/// Keeps the journal, one file for each release.
#[derive(Clone, Debug)]
pub struct Controller {
    journal: PathBuf,
    /// Held while an entry is read and replaced.
    writing: Arc<Mutex<()>>,
}

/// The result of a release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The release id.
    pub release: String,
    /// The version that was released.
    pub version: String,
    /// Whether the version serves. If not, everything is as it was before the release.
    pub serves: bool,
    /// Why the version does not serve.
    pub why: Option<String>,
}

impl Controller {
    /// Creates a lane with its journal in this folder.
    #[must_use]
    pub fn new(journal: PathBuf) -> Self {
        Self { journal, writing: Arc::default() }
    }

    /// The result of a release, after it was recorded.
    ///
    /// # Errors
    ///
    /// The journal can't be read.
    pub fn entry(&self, release: &str) -> std::io::Result<Option<Entry>> {
        crate::slot::read(&self.file(release))
    }

    /// Replaces an earlier entry, but never a failure by a success: a success that is recorded late comes after
    /// the release was reverted.
    fn note(&self, visit: &Visit, release: &Release, why: Option<&str>) -> Result {
        let entry = Entry {
            release: visit.run().to_owned(),
            version: release.version.clone(),
            serves: why.is_none(),
            why: why.map(str::to_owned),
        };
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        if entry.serves && self.entry(visit.run())?.is_some_and(|noted| !noted.serves) {
            return Err(Fault::new("the release has failed, so it is not noted as done"));
        }
        std::fs::create_dir_all(&self.journal)?;
        Ok(replace(&self.file(visit.run()), &serde_json::to_vec_pretty(&entry)?)?)
    }

    fn file(&self, release: &str) -> PathBuf {
        self.journal.join(release)
    }
}

impl drawn::Controller<Release> for Controller {
    async fn mark_done(&self, release: &mut Release, visit: &Visit) -> Result {
        self.note(visit, release, None)
    }

    async fn revert_release(&self, release: &mut Release, visit: &Visit) -> Result {
        let why = release.objection.as_deref().unwrap_or("see its status");
        tracing::warn!(release = visit.run(), version = release.version, why, "is reverted");
        Ok(())
    }

    /// Replaces the entry of a release that succeeded but could not be saved as completed.
    async fn report_failure(&self, release: &mut Release, visit: &Visit) -> Result {
        let why = release.objection.as_deref().unwrap_or("called off, or a fault: see its status");
        self.note(visit, release, Some(why))
    }
}
