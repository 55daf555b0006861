//! The lane `Controller`: notes what became of a release.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use flowgen::{Fault, Result, Visit};
use serde::{Deserialize, Serialize};

use crate::drawing::controller as drawn;
use crate::release::Release;
use crate::slot::replace;

/// Keeps the journal: a file each release.
#[derive(Clone, Debug)]
pub struct Controller {
    journal: PathBuf,
    /// Held while an entry is looked at and replaced.
    writing: Arc<Mutex<()>>,
}

/// What became of a release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The release.
    pub release: String,
    /// The version that is to serve.
    pub version: String,
    /// Does it? Otherwise everything is as it was before.
    pub serves: bool,
    /// Why not, where that is so.
    pub why: Option<String>,
}

impl Controller {
    /// A lane that keeps its journal in this folder.
    #[must_use]
    pub fn new(journal: PathBuf) -> Self {
        Self { journal, writing: Arc::default() }
    }

    /// What became of a release, once that is noted.
    ///
    /// # Errors
    ///
    /// The journal can't be read.
    pub fn entry(&self, release: &str) -> std::io::Result<Option<Entry>> {
        crate::slot::read(&self.file(release))
    }

    /// Replaces what was noted before, but not a failure by a success: an attempt to note a success that is late comes
    /// after the release was reverted.
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

    /// Replaces what was noted where the release was done, and could not be kept so.
    async fn report_failure(&self, release: &mut Release, visit: &Visit) -> Result {
        let why = release.objection.as_deref().unwrap_or("called off, or a fault: see its status");
        self.note(visit, release, Some(why))
    }
}
