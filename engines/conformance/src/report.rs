//! What became of a run, in a form that engines can be compared by.

use flowgen::{Ended, Node};

use crate::script::Script;

/// What became of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// How it ended, in words.
    pub outcome: String,
    /// Where it has been, label by label, with what came of it.
    pub path: Vec<String>,
    /// What went wrong on the way.
    pub faults: Vec<String>,
    /// The keys of what was done, without the run, as the context has them at the end.
    pub did: Vec<String>,
    /// Of what its steps were told that the run is rolled back for it.
    pub causes: Vec<String>,
    /// What became of its messages, by their ids.
    pub messages: Vec<Report>,
}

impl Report {
    /// The report of a run that has ended.
    #[must_use]
    pub fn of<N: Node>(ended: &Ended<N, Script>) -> Self {
        let mut messages: Vec<_> = ended.messages.iter().collect();
        messages.sort_by_key(|message| &message.run);
        let keys = ended.cx.did.iter();
        Self {
            outcome: ended.outcome.to_string(),
            path: ended.path.iter().map(ToString::to_string).collect(),
            faults: ended.faults.iter().map(ToString::to_string).collect(),
            did: keys.map(|key| key.rsplitn(3, '/').take(2).collect::<Vec<_>>()).map(joined).collect(),
            causes: ended.cx.causes.clone(),
            messages: messages.into_iter().map(Self::of).collect(),
        }
    }
}

/// Node and visit, the last parts of a key, in their order.
fn joined(parts: Vec<&str>) -> String {
    parts.into_iter().rev().collect::<Vec<_>>().join("/")
}
