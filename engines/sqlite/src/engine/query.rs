//! Listing, showing, counting and checking runs.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::SystemTime;

use flowgen::Node;
use flowgen::report::{Report, Status};
use flowgen::run::BranchId;
use rusqlite::Connection;
use serde::Serialize;
use serde_json::Value;

use super::Engine;
use super::contexts::context;
use crate::entry::Entry;
use crate::error::Error;
use crate::store::{self, StoredRun, Summary, Wanted, Write};
use crate::time;

/// A run with its report, contexts and messages.
///
/// It needs neither the flow nor the type of the context, so that even runs that can't be continued are shown.
#[derive(Clone, Debug, Serialize)]
pub struct RunDetails {
    /// The id of the run, its status and its times.
    #[serde(flatten)]
    pub summary: Summary,
    /// Its current nodes, its path, its pending undos and how it ended, in the words of its drawing.
    pub report: Report,
    /// The version of its context, see [`Options::contexts`](crate::Options::contexts).
    pub context_version: u32,
    /// Its context, as it was saved.
    pub context: Value,
    /// The contexts of its branches, by branch id.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub branches: BTreeMap<BranchId, Value>,
    /// The runs that it sent as messages.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub messages: Vec<String>,
}

/// A filter for lists of runs.
///
/// # Examples
///
/// ```
/// use flowgen::report::Status;
/// use flowgen_sqlite::ListRuns;
///
/// let stuck = ListRuns::with_statuses([Status::Stuck]).limit(20);
/// let everything = ListRuns::all();
/// # let _ = (stuck, everything);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListRuns(pub(crate) Wanted);

/// The default number of runs listed per status.
const LISTED: usize = 100;

/// The number of runs deleted in one transaction, so that other writes don't wait long.
const DELETED: usize = 200;

impl ListRuns {
    /// Runs of every status: first stuck ones, then refused ones, active ones and those that ended.
    #[must_use]
    pub fn all() -> Self {
        Self::with_statuses(store::statuses())
    }

    /// Runs of these statuses.
    #[must_use]
    pub fn with_statuses(statuses: impl IntoIterator<Item = Status>) -> Self {
        Self(Wanted { statuses: statuses.into_iter().collect(), most: LISTED, before: None })
    }

    /// Limits the number of runs of each status; the default is 100.
    #[must_use]
    pub fn limit(self, most: usize) -> Self {
        Self(Wanted { most, ..self.0 })
    }

    /// Only runs that were started before the one with this [`Summary::seq`]: the next page of a list.
    #[must_use]
    pub fn before(self, seq: i64) -> Self {
        Self(Wanted { before: Some(seq), ..self.0 })
    }
}

impl<N: Node, Cx> Engine<N, Cx> {
    /// Lists runs: stuck ones first, and the newest first within each status.
    ///
    /// Runs that this program can't continue are listed as [refused](Status::Refused), with the reason in
    /// [`Summary::refused`]; [`Engine::resume`] detects them. A run whose row can't be read is listed as refused,
    /// too.
    ///
    /// # Errors
    ///
    /// If the file can't be read.
    pub async fn list(&self, list: ListRuns) -> Result<Vec<Summary>, Error> {
        let mut listed = self.inner.store.read(move |from| store::list(from, &list.0)).await?;
        self.inner.active.note_halted(listed.iter_mut());
        Ok(listed)
    }

    /// Counts the runs of a status. Counting completed runs reads every run of the file; the other statuses have
    /// an index.
    ///
    /// # Errors
    ///
    /// If the file can't be read.
    pub async fn count(&self, status: Status) -> Result<u64, Error> {
        self.inner.store.read(move |from| store::count(from, status)).await
    }

    /// Shows a run.
    ///
    /// # Errors
    ///
    /// If there is no such run, or if its saved data can't be read.
    pub async fn show(&self, id: &str) -> Result<RunDetails, Error> {
        let (id, drawings) = (id.to_owned(), Arc::clone(&self.inner.drawings));
        let reading = self.inner.store.read(move |from| {
            // Reads the row and the path in one transaction, because the run may continue meanwhile.
            let from = &*from.unchecked_transaction().map_err(Error::sqlite("read"))?;
            let stored = store::by_id(from, &id)?;
            let known = drawings.get(from, stored.drawing)?;
            show(from, stored, &known.entry)
        });
        let mut shown = reading.await?;
        self.inner.active.note_halted(std::iter::once(&mut shown.summary));
        Ok(shown)
    }

    /// Deletes the runs that ended before this time. Returns their number. Runs that are stuck or not over are
    /// kept.
    ///
    /// # Errors
    ///
    /// If the file can't be read or written.
    pub async fn delete_ended_before(&self, time: SystemTime) -> Result<usize, Error> {
        let before = time::millis(time);
        let (mut deleted, mut first) = (0, 0);
        loop {
            // The search for runs is done by the reader, not by the writer.
            let looking = move |from: &_| store::ended_before(from, before, first, DELETED);
            let Some((runs, next)) = self.inner.store.read(looking).await? else { break };
            first = next;
            if !runs.is_empty() {
                deleted += self.inner.store.write(Write::Forget { before, runs }).await?.len();
            }
        }
        if deleted > 0 {
            self.shrink().await?;
        }
        Ok(deleted)
    }

    /// Returns free pages to the file system, in portions, until the number of free pages no longer falls.
    pub(super) async fn shrink(&self) -> Result<(), Error> {
        let mut before = i64::MAX;
        loop {
            let free = self.inner.store.write(Write::Shrink).await?.first().copied().unwrap_or(0);
            if free == 0 || free >= before {
                return Ok(());
            }
            before = free;
        }
    }

    /// Checks the whole file. Returns an error for each row whose checksum does not match, and for each fault that
    /// SQLite finds in pages and indexes; an empty list if there is no damage.
    ///
    /// Runs continue meanwhile. The check reads the whole file, and the write-ahead log grows until it is done.
    ///
    /// # Errors
    ///
    /// If the file can't be read at all.
    pub async fn check(&self) -> Result<Vec<Error>, Error> {
        self.inner.store.check().await
    }
}

/// Shows a run that was saved with this drawing.
pub(crate) fn show(from: &Connection, stored: StoredRun, entry: &Entry) -> Result<RunDetails, Error> {
    let store::Tail { begin, walked, .. } = stored.path(from, 0)?;
    let saved = stored.saved(entry.drawing.hash())?.with_path_since(begin, walked);
    let mut report = entry.drawing.report(&saved);
    let mut branches = BTreeMap::<BranchId, Value>::new();
    for (branch, text) in saved.contexts() {
        branches.insert(*branch, context(&stored.summary.run, *branch, text)?);
    }
    let context = branches.remove(&0).unwrap_or_default();
    let messages = store::sent(from, &stored.summary.run)?;
    let mut summary = stored.summary;
    if let Some(reason) = store::refusal(from, summary.seq)?.filter(|_| !summary.status.is_over()) {
        (summary.status, report.status, summary.refused) = (Status::Refused, Status::Refused, Some(reason));
    }
    Ok(RunDetails { report, context_version: entry.context, context, branches, messages, summary })
}
