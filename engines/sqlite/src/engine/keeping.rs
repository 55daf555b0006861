//! Keeping one run while it is driven.

use std::collections::BTreeMap;
use std::sync::Arc;

use flowgen::Keeper;
use flowgen::report::Status;
use flowgen::run::{PlaceId, Run, Walked};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::Started;
use super::contexts::{catching, context};
use super::driver::Messages;
use crate::error::Error;
use crate::store::{self, Held, Keep, Moved, New, Part, Store, Text, Write};

/// So many nodes of a path, the last ones, are kept in the row of their run, which is written anyway. It is
/// written anew with each step, so it must not grow with the path.
const MOST_IN_ROW: usize = 16;

/// The place that a run has all the time.
const ROOT: PlaceId = 0;

/// The row of a run that is not over has room for so many bytes more than it needed when it was last made longer:
/// most runs take less from their first step to their end. So it is written over in its place. One that grows is
/// moved about by SQLite, and its neighbours with it, even those on other pages.
const ROOM: usize = 192;

/// A run that is saved, or is about to be for the first time.
pub(super) struct Keeping {
    pub(super) store: Arc<Store>,
    /// The drawing of the program.
    pub(super) drawing: i64,
    /// Its number in the file; `None` before it is saved for the first time.
    pub(super) seq: Option<i64>,
    /// How much of its path is in the file, but not in its row.
    pub(super) apart: usize,
    /// The rest of its path as text, and how many nodes that is: a path only grows.
    pub(super) rest: Rest,
    /// The path in the file is numbered as another drawing is.
    pub(super) path_anew: bool,
    /// Its drawing and its status in the file.
    pub(super) stands: Option<(i64, Status)>,
    /// When it was saved last, by another process: the clock may have been set back since.
    pub(super) changed: i64,
    /// It may be saved by the thread that drives it.
    pub(super) may_block: bool,
    /// How long what its row holds is, room included.
    pub(super) length: usize,
    /// Where it has branches: the context of each, as of the last time when nobody worked with it.
    pub(super) contexts: BTreeMap<PlaceId, Box<RawValue>>,
    /// The claim to the run: nobody else may read it while it waits to be written.
    pub(super) held: Option<Held>,
    /// Is told what came of saving it next.
    pub(super) next: Option<Tell>,
}

/// Nodes of a path, as a list in JSON without its end.
#[derive(Default)]
pub(super) struct Rest {
    text: Vec<u8>,
    nodes: usize,
}

/// Somebody who waits for a run to be saved.
pub(super) type Tell = Box<dyn FnOnce(Result<Started, Error>) + Send>;

/// Why a run is not driven any further.
#[derive(Debug)]
pub(super) enum Halt {
    /// There was one with this id already.
    Already,
    /// It could not be saved.
    Failed(Error),
}

/// A message that is about to be saved, and how long what its row holds is.
type Sent<Cx> = (Run<Cx>, usize);

/// A message that was saved.
pub(super) struct Message<Cx> {
    pub(super) run: Run<Cx>,
    /// Its number in the file.
    pub(super) seq: i64,
    /// How long what its row holds is.
    pub(super) length: usize,
}

impl Keeping {
    pub(super) fn new(store: Arc<Store>, drawing: i64) -> Self {
        Self {
            store,
            drawing,
            seq: None,
            apart: 0,
            rest: Rest::default(),
            path_anew: false,
            stands: None,
            changed: 0,
            may_block: false,
            length: 0,
            contexts: BTreeMap::new(),
            held: None,
            next: None,
        }
    }

    /// A message that was saved with the run that sent it.
    pub(super) fn sent<Cx>(store: Arc<Store>, drawing: i64, message: &Message<Cx>) -> Self {
        let stands = Some((drawing, Status::of(message.run.state())));
        Self { seq: Some(message.seq), stands, length: message.length, ..Self::new(store, drawing) }
    }

    /// Saves the run as it is, and what it sent with it, which is claimed before that.
    pub(super) async fn save<Cx: Serialize + Send>(
        &mut self,
        run: &mut Run<Cx>,
        claim: impl FnMut(&Arc<str>) + Send,
    ) -> Result<Vec<Message<Cx>>, Halt> {
        let (write, sent) = self.write(run).map_err(|error| self.failed(error))?;
        sent.iter().map(|(message, _)| message.id()).for_each(claim);
        let is_apart = matches!(&write, Write::Keep(Keep { part: Some(_), .. }));
        // Branches of a fork go on with their steps meanwhile, so their thread does not write.
        let here = self.may_block && run.state().places().nth(1).is_none();
        let written = match here.then(|| self.store.write_here(&write)).flatten() {
            Some(written) => written,
            None => self.store.write_holding(write, self.held.clone()).await,
        };
        let mut seqs = written.map_err(|error| self.failed(error))?.into_iter();
        if self.seq.is_none() {
            self.seq = seqs.next();
        }
        if self.seq.is_none() {
            self.tell(Ok(Started::Already));
            return Err(Halt::Already);
        }
        if is_apart {
            self.apart = run.walked();
            self.rest = Rest::default();
        }
        self.path_anew = false;
        self.stands = Some((self.drawing, Status::of(run.state())));
        self.tell(Ok(Started::Anew));
        Ok(seqs.zip(sent).map(|(seq, (run, length))| Message { run, seq, length }).collect())
    }

    fn tell(&mut self, started: Result<Started, Error>) {
        if let Some(tell) = self.next.take() {
            tell(started);
        }
    }

    fn failed(&mut self, error: Error) -> Halt {
        self.tell(Err(error.clone()));
        Halt::Failed(error)
    }

    fn write<Cx: Serialize>(&mut self, run: &mut Run<Cx>) -> Result<(Write, Vec<Sent<Cx>>), Error> {
        let mut moved = self.moved(run)?;
        let id = Arc::clone(run.id());
        let (mut sent, mut messages) = (Vec::new(), Vec::new());
        for message in run.take_messages() {
            let mut keeping = Self::new(Arc::clone(&self.store), self.drawing);
            let moved = keeping.moved(&message)?;
            messages.push(keeping.begin(Arc::clone(message.id()), Some(Arc::clone(&id)), moved));
            sent.push((message, keeping.length));
        }
        let Some(seq) = self.seq else {
            return Ok((Write::Begin(self.begin(id, None, moved), messages), sent));
        };
        let goes_on = self.stands == Some((moved.drawing, moved.status));
        let part = (run.walked().saturating_sub(self.apart) > MOST_IN_ROW).then(|| {
            let last = Part { first: run.walked(), walked: Text::default() };
            std::mem::replace(&mut moved.last, last)
        });
        self.fill_up(&mut moved);
        let path_anew = self.path_anew;
        Ok((Write::Keep(Keep { seq, id, moved, goes_on, path_anew, part, messages }), sent))
    }

    fn begin(&mut self, id: Arc<str>, sender: Option<Arc<str>>, mut moved: Moved) -> New {
        self.fill_up(&mut moved);
        New { id, sender, moved }
    }

    /// Spaces after the state leave the row as long as it was.
    fn fill_up(&mut self, moved: &mut Moved) {
        if moved.status.is_over() {
            return;
        }
        let (state, walked) = (&mut moved.state.0, &moved.last.walked.0);
        let length = state.len() + walked.len();
        self.length = length_of_row(length, self.length);
        state.resize(self.length - walked.len(), b' ');
    }

    fn moved<Cx: Serialize>(&mut self, run: &Run<Cx>) -> Result<Moved, Error> {
        let state = self.state(run)?;
        self.rest.add(run.walked_since(self.apart + self.rest.nodes)).map_err(unserializable(run, ROOT))?;
        let walked = self.rest.list();
        let (drawing, status) = (self.drawing, Status::of(run.state()));
        let changed = self.store.now().max(self.changed);
        Ok(Moved { drawing, status, changed, state, last: Part { first: self.apart, walked } })
    }

    fn state<Cx: Serialize>(&mut self, run: &Run<Cx>) -> Result<Text, Error> {
        let mut state = Vec::with_capacity(self.length.max(2 * ROOM));
        let written = if run.state().places().nth(1).is_none() {
            // It has its context: nobody works with that while it is saved.
            self.contexts.clear();
            let mut contexts = BTreeMap::new();
            contexts.extend(run.contexts());
            catching(|| serde_json::to_writer(&mut state, &run.snapshot(&contexts).nameless()))
        } else {
            self.note_contexts(run)?;
            serde_json::to_writer(&mut state, &run.snapshot(&self.contexts).nameless())
        };
        written.map(|()| Text(state)).map_err(unserializable(run, ROOT))
    }

    /// Contexts that branches have lent stay as they were when their steps were begun.
    fn note_contexts<Cx: Serialize>(&mut self, run: &Run<Cx>) -> Result<(), Error> {
        for (place, context) in run.contexts() {
            let text = catching(|| serde_json::value::to_raw_value(context));
            let text = text.map_err(unserializable(run, place))?;
            self.contexts.insert(place, text);
        }
        let places: Vec<PlaceId> = run.state().places().collect();
        self.contexts.retain(|place, _| places.binary_search(place).is_ok());
        Ok(())
    }
}

/// All of a state but its contexts can be serialized.
fn unserializable<Cx>(run: &Run<Cx>, place: PlaceId) -> impl FnOnce(serde_json::Error) -> Error {
    let run = Arc::clone(run.id());
    move |source| Error::Context { run: run.to_string(), place, doing: "serialize", source: source.into() }
}

impl Rest {
    fn add(&mut self, walked: &[Walked]) -> serde_json::Result<()> {
        for node in walked {
            self.text.push(if self.nodes == 0 { b'[' } else { b',' });
            serde_json::to_writer(&mut self.text, node)?;
            self.nodes += 1;
        }
        Ok(())
    }

    /// Empty where there are none.
    fn list(&self) -> Text {
        let end: &[u8] = if self.nodes == 0 { b"" } else { b"]" };
        Text([&self.text, end].concat())
    }
}

/// How long a row is that was so long and is to hold so much. It stays as it is, unless it is too short, or much
/// too long: a context may have been large for a while.
fn length_of_row(holds: usize, was: usize) -> usize {
    if (holds..=2 * (holds + ROOM)).contains(&was) { was } else { holds + ROOM }
}

/// Saves, and has seen to what the run sent.
pub(super) struct Sending<'k, Cx> {
    pub(super) keeping: &'k mut Keeping,
    pub(super) messages: &'k mut dyn Messages<Cx>,
}

impl<Cx: Serialize + DeserializeOwned + Send + 'static> Keeper<Cx> for Sending<'_, Cx> {
    type Error = Halt;

    async fn keep(&mut self, run: &mut Run<Cx>) -> Result<(), Halt> {
        let Self { keeping, messages } = self;
        for message in keeping.save(run, |message| messages.claim(message)).await? {
            messages.saved(message);
        }
        Ok(())
    }

    /// A run that can't be read goes on with the context as it is: what it owes is more important.
    async fn context_before(&mut self, place: PlaceId) -> Option<Cx> {
        let seq = self.keeping.seq?;
        let read = self.keeping.store.read(move |from| {
            let Some(kept) = store::by_seq(from, seq)? else { return Ok(None) };
            let saved = kept.saved(0)?;
            let text = saved.contexts().get(&place);
            text.map(|text| context(&kept.summary.run, place, text)).transpose()
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
