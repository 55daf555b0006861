//! The result of a run, in a form in which engines can be compared.

use flowgen::{Node, RunResult};

use crate::script::Script;

/// The result of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// How it ended, in words.
    pub outcome: String,
    /// The path of the run, as labels with the outcome of each visit.
    pub path: Vec<String>,
    /// The faults of the run.
    pub faults: Vec<String>,
    /// The keys of finished steps in the context at the end, without the run id.
    pub did: Vec<String>,
    /// The causes of the rollback that its steps were passed.
    pub causes: Vec<String>,
    /// The results of its messages, by message id.
    pub messages: Vec<Report>,
}

impl Report {
    /// Creates the report of a run that has ended.
    #[must_use]
    pub fn new<N: Node>(ended: &RunResult<N, Script>) -> Self {
        let mut messages: Vec<_> = ended.messages.iter().collect();
        messages.sort_by_key(|message| &message.run);
        let keys = ended.cx.did.iter();
        Self {
            outcome: ended.outcome.to_string(),
            path: ended.path.iter().map(ToString::to_string).collect(),
            faults: ended.faults.iter().map(ToString::to_string).collect(),
            did: keys.map(|key| key.rsplitn(3, '/').take(2).collect::<Vec<_>>()).map(joined).collect(),
            causes: ended.cx.causes.clone(),
            messages: messages.into_iter().map(Self::new).collect(),
        }
    }
}

/// Joins node and visit, which are the last parts of a key, in their order.
fn joined(parts: Vec<&str>) -> String {
    parts.into_iter().rev().collect::<Vec<_>>().join("/")
}
