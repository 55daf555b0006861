//! Looking at runs.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::SystemTime;

use flowgen::Node;
use flowgen::report::{Report, Status};
use flowgen::run::PlaceId;
use rusqlite::Connection;
use serde::Serialize;
use serde_json::Value;

use super::Engine;
use super::contexts::context;
use crate::entry::Entry;
use crate::error::Error;
use crate::store::{self, Kept, Summary, Wanted, Write};
use crate::time;

/// A run, and all that is known of it.
///
/// It needs neither the flow nor the type of the context, so that runs can be shown that do not go on.
#[derive(Clone, Debug, Serialize)]
pub struct Shown {
    /// Who started it, and when.
    #[serde(flatten)]
    pub summary: Summary,
    /// Where it stands, where it has been, what it owes and how it ended, in the words of its drawing.
    pub report: Report,
    /// The version of its context, see [`Options::contexts`](crate::Options::contexts).
    pub context_version: u32,
    /// Its context, as it was saved.
    pub context: Value,
    /// Those of its branches, by their places.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub branches: BTreeMap<PlaceId, Value>,
    /// The runs that it sent as messages.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub messages: Vec<String>,
}

/// Which runs to list.
///
/// # Examples
///
/// ```
/// use flowgen::report::Status;
/// use flowgen_sqlite::List;
///
/// let stuck = List::of([Status::Stuck]).at_most(20);
/// let everything = List::all();
/// # let _ = (stuck, everything);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List(pub(crate) Wanted);

/// So many runs are listed where nobody says how many.
const LISTED: usize = 100;

/// So many runs are deleted in one transaction, so that others don't wait long.
const DELETED: usize = 200;

impl List {
    /// Runs of every status: first those that are stuck, then those that are refused, those that go on, and those
    /// that ended.
    #[must_use]
    pub fn all() -> Self {
        Self::of(store::statuses())
    }

    /// Runs of these statuses.
    #[must_use]
    pub fn of(statuses: impl IntoIterator<Item = Status>) -> Self {
        Self(Wanted { statuses: statuses.into_iter().collect(), most: LISTED, before: None })
    }

    /// At most so many of each status; 100 where this is not said.
    #[must_use]
    pub fn at_most(self, most: usize) -> Self {
        Self(Wanted { most, ..self.0 })
    }

    /// Only runs that were started before the one with this [`Summary::seq`]: to go on with a list.
    #[must_use]
    pub fn before(self, seq: i64) -> Self {
        Self(Wanted { before: Some(seq), ..self.0 })
    }
}

impl<N: Node, Cx> Engine<N, Cx> {
    /// Lists runs: those that are stuck first, and of each status the newest first.
    ///
    /// Runs that this program can't go on with are listed as [refused](Status::Refused), with the reason in
    /// [`Summary::refused`]; [`Engine::resume`] finds out which those are. So is a run whose row can't be read.
    ///
    /// # Errors
    ///
    /// When the file can't be read.
    pub async fn list(&self, list: List) -> Result<Vec<Summary>, Error> {
        let mut listed = self.inner.store.read(move |from| store::list(from, &list.0)).await?;
        self.inner.live.note_halted(listed.iter_mut());
        Ok(listed)
    }

    /// Counts the runs of a status. To count those that completed, each run of the file is looked at; for others, an
    /// index is used.
    ///
    /// # Errors
    ///
    /// When the file can't be read.
    pub async fn count(&self, status: Status) -> Result<u64, Error> {
        self.inner.store.read(move |from| store::count(from, status)).await
    }

    /// Shows a run.
    ///
    /// # Errors
    ///
    /// When there is no such run, and when what is saved of it can't be read.
    pub async fn show(&self, id: &str) -> Result<Shown, Error> {
        let (id, drawings) = (id.to_owned(), Arc::clone(&self.inner.drawings));
        let reading = self.inner.store.read(move |from| {
            // Its row and its path as of one moment: it may go on.
            let from = &*from.unchecked_transaction().map_err(Error::sqlite("read"))?;
            let kept = store::by_id(from, &id)?;
            let known = drawings.get(from, kept.drawing)?;
            show(from, kept, &known.entry)
        });
        let mut shown = reading.await?;
        self.inner.live.note_halted(std::iter::once(&mut shown.summary));
        Ok(shown)
    }

    /// Deletes the runs that ended before this time. Says how many. What is stuck, or not over, stays.
    ///
    /// # Errors
    ///
    /// When the file can't be read or written.
    pub async fn delete_ended_before(&self, time: SystemTime) -> Result<usize, Error> {
        let before = time::millis(time);
        let (mut deleted, mut first) = (0, 0);
        loop {
            // Who writes does not look through all runs.
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

    /// Gives free pages back to the file system, some at a time, as long as there are fewer after it.
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

    /// Looks the whole file through, and says what is damaged: an error for each row whose checksum does not match,
    /// and for each fault that SQLite finds in pages and indexes. Empty where all is well.
    ///
    /// Runs go on meanwhile. It reads the whole file, and the log grows until it is done.
    ///
    /// # Errors
    ///
    /// When the file can't be read at all.
    pub async fn check(&self) -> Result<Vec<Error>, Error> {
        self.inner.store.check().await
    }
}

/// A run of this drawing.
pub(crate) fn show(from: &Connection, kept: Kept, entry: &Entry) -> Result<Shown, Error> {
    let store::Tail { begin, walked, .. } = kept.path(from, 0)?;
    let saved = kept.saved(entry.drawing.hash())?.with_path_since(begin, walked);
    let mut report = entry.drawing.report(&saved);
    let mut branches = BTreeMap::<PlaceId, Value>::new();
    for (place, text) in saved.contexts() {
        branches.insert(*place, context(&kept.summary.run, *place, text)?);
    }
    let context = branches.remove(&0).unwrap_or_default();
    let messages = store::sent(from, &kept.summary.run)?;
    let mut summary = kept.summary;
    if let Some(reason) = store::refusal(from, summary.seq)?.filter(|_| !summary.status.is_over()) {
        (summary.status, report.status, summary.refused) = (Status::Refused, Status::Refused, Some(reason));
    }
    Ok(Shown { report, context_version: entry.context, context, branches, messages, summary })
}
