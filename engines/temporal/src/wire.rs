//! The messages between workers, workflows and clients.

use flowgen::data::Routing;
use flowgen::plan::Plan;
use flowgen::run::Cause;
use flowgen::{Did, Effect, Fault};
use serde::{Deserialize, Serialize};

use crate::context_json::ContextJson;

/// The input of a workflow. Nodes are given by their ids in the drawing.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Work {
    /// The hash of the drawing.
    pub(crate) drawing: String,
    #[serde(alias = "from")]
    pub(crate) origin: Origin,
}

/// Where a workflow begins.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Origin {
    /// At a start.
    Start { node: String, context: ContextJson },
    /// With an existing run: a message, or a run whose history became long.
    Run(ContextJson),
}

/// The input of an activity: one visit of one node.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Step {
    pub(crate) drawing: String,
    pub(crate) run: String,
    pub(crate) node: String,
    #[serde(alias = "nth")]
    pub(crate) visit: u32,
    /// The visit that it undoes, if it is a compensation.
    pub(crate) undoes: Option<(String, u32)>,
    /// Why the run rolls back, if it does. Nodes are given by their indexes in the plan of that drawing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) cause: Option<Cause>,
    /// The inputs and the output, as ids of values, and whether the step is only asked if it was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) routing: Option<Routing>,
    pub(crate) context: ContextJson,
}

/// The output of an activity that succeeded.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Done {
    pub(crate) effect: Effect,
    pub(crate) to: Vec<String>,
    /// The position of the outcome, if the node is a decision or answers one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) outcome: Option<usize>,
    /// The answer to an inquiry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) answer: Option<Did>,
    pub(crate) context: ContextJson,
    /// A previous attempt may have had an effect.
    #[serde(default)]
    pub(crate) is_in_doubt: bool,
}

/// The output of an activity that faulted and is not retried.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Faulted {
    pub(crate) fault: Fault,
    /// A previous attempt may have had an effect.
    #[serde(default)]
    pub(crate) is_in_doubt: bool,
}

/// The facts that one attempt passes to the next.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Tried {
    /// How often a worker got the step that could not execute it. These are not attempts.
    pub(crate) unfit: u32,
    /// The number of attempts that faulted. The others were lost with their workers.
    #[serde(default)]
    pub(crate) faulted: u32,
    /// The number of attempts that faulted without effect.
    #[serde(default)]
    pub(crate) not_done: u32,
}

impl Tried {
    /// Returns whether an attempt before this one, counted from 1, may have had an effect.
    pub(crate) fn is_in_doubt(&self, attempt: u32) -> bool {
        attempt.saturating_sub(1) > self.not_done
    }

    /// Returns the facts after an attempt with this fault.
    pub(crate) fn after(self, faulted: &Faulted) -> Self {
        let not_done = self.not_done + u32::from(faulted.fault.is_not_done());
        Self { faulted: self.faulted + 1, not_done, ..self }
    }
}

/// A stuck visit, with the id of its step in the drawing.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Stuck {
    pub(crate) node: String,
    #[serde(alias = "nth")]
    pub(crate) visit: u32,
}

/// The hash of a drawing as text, because other tools read JSON numbers with too few digits.
pub(crate) fn drawing(plan: &Plan) -> String {
    format!("{:016x}", plan.hash)
}

/// The key of the drawing's hash in a run's memo.
pub(crate) const DRAWING: &str = "drawing";

/// The key of a run's outcome in its memo, or of the note that it rolls back or is stuck.
pub(crate) const OUTCOME: &str = "outcome";

/// The value in the memo for a run that rolls back.
pub(crate) const ROLLING_BACK: &str = "rolling back";

/// The value in the memo for a run that waits for an operator.
pub(crate) const STUCK: &str = "stuck";

/// Returns the task queue of a lane.
pub(crate) fn lane_queue(flow: &str, lane: &str) -> String {
    format!("{flow}/{lane}")
}

#[cfg(test)]
mod tests {
    use super::{Done, Step};

    #[test]
    fn messages_of_earlier_versions_are_read() {
        let step = r#"{"drawing":"d","run":"r","node":"n2","visit":1,"undoes":null,"context":3}"#;
        let read: Step = serde_json::from_str(step).unwrap();
        assert_eq!(
            serde_json::to_string(&read).unwrap(),
            step,
            "unchanged for flows without declared values"
        );
        let done = r#"{"effect":"Done","to":["n3"],"context":3}"#;
        let read: Done = serde_json::from_str(done).unwrap();
        assert!(read.outcome.is_none() && read.answer.is_none());
    }
}
