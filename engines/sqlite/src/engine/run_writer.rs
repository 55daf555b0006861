//! Saving a run while it is driven.

use std::collections::BTreeMap;
use std::sync::Arc;

use flowgen::Checkpointer;
use flowgen::report::Status;
use flowgen::run::{BranchId, PathEntry, Run};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::Started;
use super::contexts::{catching, context};
use super::driver::Messages;
use crate::error::Error;
use crate::store::{self, Held, Json, New, PathChunk, RunColumns, RunUpdate, Store, Write};

/// The number of nodes of a path, from its end, that are kept in the row of their run. The row is written with
/// each step, so this part must not grow with the path.
const MOST_IN_ROW: usize = 16;

/// The branch that a run always has.
const ROOT: BranchId = 0;

/// Padding, in bytes, that is added when the row of an active run becomes longer. Most runs need less from their
/// first step to their end, so their rows are overwritten in place. SQLite moves a row that grows, together with
/// its neighbors, even to other pages.
const ROOM: usize = 192;

/// The saved state of a run, or of one that is about to be saved for the first time.
pub(super) struct RunWriter {
    pub(super) store: Arc<Store>,
    /// The number of the program's drawing.
    pub(super) drawing: i64,
    /// The number of the run in the file; `None` before it is saved for the first time.
    pub(super) seq: Option<i64>,
    /// The number of nodes of its path that are in the file, but not in its row.
    pub(super) in_table: usize,
    /// The rest of its path as text, with its number of nodes. Kept here because a path only grows.
    pub(super) tail: PathTail,
    /// The path in the file has the node numbers of another drawing.
    pub(super) rewrite_path: bool,
    /// Its drawing and its status in the file.
    pub(super) saved_as: Option<(i64, Status)>,
    /// When another process last saved it: the clock may have been set back since.
    pub(super) changed: i64,
    /// The thread that drives the run may save it, too.
    pub(super) may_block: bool,
    /// The length of its state and path in the row, in bytes, including padding.
    pub(super) length: usize,
    /// For a run with branches: the context of each, as it was before the step that uses it began.
    pub(super) contexts: BTreeMap<BranchId, Box<RawValue>>,
    /// The claim to the run: no other call may read the run while a write of it is pending.
    pub(super) held: Option<Held>,
    /// Called once, with the result of the next save.
    pub(super) on_saved: Option<OnSaved>,
}

/// Nodes of a path, as a JSON list without its closing bracket.
#[derive(Default)]
pub(super) struct PathTail {
    text: Vec<u8>,
    nodes: usize,
}

/// A callback for the result of saving a run.
pub(super) type OnSaved = Box<dyn FnOnce(Result<Started, Error>) + Send>;

/// Why a run is not driven any further.
#[derive(Debug)]
pub(super) enum StopReason {
    /// A run with this id existed already.
    Exists,
    /// The run could not be saved.
    Failed(Error),
}

/// A message that is about to be saved, with the length of its state and path in the row.
type Sent<Cx> = (Run<Cx>, usize);

/// A message that was saved.
pub(super) struct Message<Cx> {
    pub(super) run: Run<Cx>,
    /// The number of its run in the file.
    pub(super) seq: i64,
    /// The length of its state and path in the row, in bytes.
    pub(super) length: usize,
}

impl RunWriter {
    pub(super) fn new(store: Arc<Store>, drawing: i64) -> Self {
        Self {
            store,
            drawing,
            seq: None,
            in_table: 0,
            tail: PathTail::default(),
            rewrite_path: false,
            saved_as: None,
            changed: 0,
            may_block: false,
            length: 0,
            contexts: BTreeMap::new(),
            held: None,
            on_saved: None,
        }
    }

    /// The saved state of a message, which was saved together with its sender.
    pub(super) fn sent<Cx>(store: Arc<Store>, drawing: i64, message: &Message<Cx>) -> Self {
        let saved_as = Some((drawing, Status::from(message.run.state())));
        Self { seq: Some(message.seq), saved_as, length: message.length, ..Self::new(store, drawing) }
    }

    /// Saves the run with the messages that it has sent. Claims the messages before that.
    pub(super) async fn save<Cx: Serialize + Send>(
        &mut self,
        run: &mut Run<Cx>,
        claim: impl FnMut(&Arc<str>) + Send,
    ) -> Result<Vec<Message<Cx>>, StopReason> {
        let (write, sent) = self.write(run).map_err(|error| self.failed(error))?;
        sent.iter().map(|(message, _)| message.id()).for_each(claim);
        let is_apart = matches!(&write, Write::Update(RunUpdate { part: Some(_), .. }));
        // Other branches of a fork execute steps meanwhile, so the thread that drives them does not write.
        let here = self.may_block && run.state().branches().nth(1).is_none();
        let written = match here.then(|| self.store.write_here(&write)).flatten() {
            Some(written) => written,
            None => self.store.write_holding(write, self.held.clone()).await,
        };
        let mut seqs = written.map_err(|error| self.failed(error))?.into_iter();
        if self.seq.is_none() {
            self.seq = seqs.next();
        }
        if self.seq.is_none() {
            self.report(Ok(Started::Existing));
            return Err(StopReason::Exists);
        }
        if is_apart {
            self.in_table = run.path_len();
            self.tail = PathTail::default();
        }
        self.rewrite_path = false;
        self.saved_as = Some((self.drawing, Status::from(run.state())));
        self.report(Ok(Started::New));
        Ok(seqs.zip(sent).map(|(seq, (run, length))| Message { run, seq, length }).collect())
    }

    fn report(&mut self, started: Result<Started, Error>) {
        if let Some(on_saved) = self.on_saved.take() {
            on_saved(started);
        }
    }

    fn failed(&mut self, error: Error) -> StopReason {
        self.report(Err(error.clone()));
        StopReason::Failed(error)
    }

    fn write<Cx: Serialize>(&mut self, run: &mut Run<Cx>) -> Result<(Write, Vec<Sent<Cx>>), Error> {
        let mut columns = self.columns(run)?;
        let id = Arc::clone(run.id());
        let (mut sent, mut messages) = (Vec::new(), Vec::new());
        for message in run.take_messages() {
            let mut writer = Self::new(Arc::clone(&self.store), self.drawing);
            let columns = writer.columns(&message)?;
            messages.push(writer.begin(Arc::clone(message.id()), Some(Arc::clone(&id)), columns));
            sent.push((message, writer.length));
        }
        let Some(seq) = self.seq else {
            return Ok((Write::Begin(self.begin(id, None, columns), messages), sent));
        };
        let goes_on = self.saved_as == Some((columns.drawing, columns.status));
        let part = (run.path_len().saturating_sub(self.in_table) > MOST_IN_ROW).then(|| {
            let last = PathChunk { first: run.path_len(), walked: Json::default() };
            std::mem::replace(&mut columns.last, last)
        });
        self.fill_up(&mut columns);
        let rewrite_path = self.rewrite_path;
        Ok((Write::Update(RunUpdate { seq, id, columns, goes_on, rewrite_path, part, messages }), sent))
    }

    fn begin(&mut self, id: Arc<str>, sender: Option<Arc<str>>, mut columns: RunColumns) -> New {
        self.fill_up(&mut columns);
        New { id, sender, columns }
    }

    /// Adds spaces after the state, so that the row keeps its length.
    fn fill_up(&mut self, columns: &mut RunColumns) {
        if columns.status.is_over() {
            return;
        }
        let (state, walked) = (&mut columns.state.0, &columns.last.walked.0);
        let length = state.len() + walked.len();
        self.length = length_of_row(length, self.length);
        state.resize(self.length - walked.len(), b' ');
    }

    fn columns<Cx: Serialize>(&mut self, run: &Run<Cx>) -> Result<RunColumns, Error> {
        let state = self.state(run)?;
        self.tail.add(run.path_since(self.in_table + self.tail.nodes)).map_err(unserializable(run, ROOT))?;
        let walked = self.tail.list();
        let (drawing, status) = (self.drawing, Status::from(run.state()));
        let changed = self.store.now().max(self.changed);
        Ok(RunColumns { drawing, status, changed, state, last: PathChunk { first: self.in_table, walked } })
    }

    fn state<Cx: Serialize>(&mut self, run: &Run<Cx>) -> Result<Json, Error> {
        let mut state = Vec::with_capacity(self.length.max(2 * ROOM));
        let written = if run.state().branches().nth(1).is_none() {
            // The run holds its context, so no step changes it during the save.
            self.contexts.clear();
            let mut contexts = BTreeMap::new();
            contexts.extend(run.contexts());
            catching(|| serde_json::to_writer(&mut state, &run.snapshot(&contexts).nameless()))
        } else {
            self.note_contexts(run)?;
            serde_json::to_writer(&mut state, &run.snapshot(&self.contexts).nameless())
        };
        written.map(|()| Json(state)).map_err(unserializable(run, ROOT))
    }

    /// Contexts that branches have lent to steps stay as they were when the steps began.
    fn note_contexts<Cx: Serialize>(&mut self, run: &Run<Cx>) -> Result<(), Error> {
        for (branch, context) in run.contexts() {
            let text = catching(|| serde_json::value::to_raw_value(context));
            let text = text.map_err(unserializable(run, branch))?;
            self.contexts.insert(branch, text);
        }
        let branches: Vec<BranchId> = run.state().branches().collect();
        self.contexts.retain(|branch, _| branches.binary_search(branch).is_ok());
        Ok(())
    }
}

/// Blames the context, because all other parts of a state can be serialized.
fn unserializable<Cx>(run: &Run<Cx>, branch: BranchId) -> impl FnOnce(serde_json::Error) -> Error {
    let run = Arc::clone(run.id());
    move |source| Error::Context { run: run.to_string(), branch, doing: "serialize", source: source.into() }
}

impl PathTail {
    fn add(&mut self, path: &[PathEntry]) -> serde_json::Result<()> {
        for entry in path {
            self.text.push(if self.nodes == 0 { b'[' } else { b',' });
            serde_json::to_writer(&mut self.text, entry)?;
            self.nodes += 1;
        }
        Ok(())
    }

    /// Returns a JSON list, or an empty text if there are no nodes.
    fn list(&self) -> Json {
        let end: &[u8] = if self.nodes == 0 { b"" } else { b"]" };
        Json([&self.text, end].concat())
    }
}

/// Returns the new length of a row that had the length `was` and has to hold `holds` bytes. It only changes if the
/// row is too short, or much too long because a context was large for a while.
fn length_of_row(holds: usize, was: usize) -> usize {
    if (holds..=2 * (holds + ROOM)).contains(&was) { was } else { holds + ROOM }
}

/// Saves a run, and passes on the messages that it sent.
pub(super) struct Checkpoints<'k, Cx> {
    pub(super) writer: &'k mut RunWriter,
    pub(super) messages: &'k mut dyn Messages<Cx>,
}

impl<Cx: Serialize + DeserializeOwned + Send + 'static> Checkpointer<Cx> for Checkpoints<'_, Cx> {
    type Error = StopReason;

    async fn checkpoint(&mut self, run: &mut Run<Cx>) -> Result<(), StopReason> {
        let Self { writer, messages } = self;
        for message in writer.save(run, |message| messages.claim(message)).await? {
            messages.saved(message);
        }
        Ok(())
    }

    /// If the saved context can't be read, the run continues with the current one: its pending undos are more
    /// important.
    async fn context_before(&mut self, branch: BranchId) -> Option<Cx> {
        let seq = self.writer.seq?;
        let read = self.writer.store.read(move |from| {
            let Some(stored) = store::by_seq(from, seq)? else { return Ok(None) };
            let saved = stored.saved(0)?;
            let text = saved.contexts().get(&branch);
            text.map(|text| context(&stored.summary.run, branch, text)).transpose()
        });
        read.await.unwrap_or_else(|error| {
            tracing::warn!(%error, "the changes of a failed attempt are not discarded");
            None
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_gets_longer_in_leaps_and_shorter_where_most_of_it_is_empty() {
        assert_eq!(length_of_row(100, 0), 100 + ROOM);
        for holds in 100..=100 + ROOM {
            assert_eq!(length_of_row(holds, 100 + ROOM), 100 + ROOM);
        }
        assert_eq!(length_of_row(101 + ROOM, 100 + ROOM), 101 + 2 * ROOM);
        assert_eq!(length_of_row(100, 1_000_000), 100 + ROOM);
    }
}
