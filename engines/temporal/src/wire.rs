//! What workers, workflows and clients say to each other.

use flowgen::plan::Plan;
use flowgen::run::Cause;
use flowgen::{Effect, Fault};
use serde::{Deserialize, Serialize};

use crate::text::Text;

/// What a workflow has to do, and under which drawing. Nodes are named by their ids in the drawing.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Work {
    /// The hash of the drawing.
    pub(crate) drawing: String,
    pub(crate) from: From,
}

/// Where a workflow begins.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum From {
    /// At a start.
    Start { node: String, context: Text },
    /// With a run that was begun elsewhere: a message, or a run whose history grew long.
    Run(Text),
}

/// What an activity has to do: one visit of one node.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Step {
    pub(crate) drawing: String,
    pub(crate) run: String,
    pub(crate) node: String,
    pub(crate) nth: u32,
    /// For a compensation: the visit that it undoes.
    pub(crate) undoes: Option<(String, u32)>,
    /// Why the run is rolled back, if it is; with the nodes' places in the plan of that drawing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) cause: Option<Cause>,
    pub(crate) context: Text,
}

/// What came of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Done {
    pub(crate) effect: Effect,
    pub(crate) to: Vec<String>,
    pub(crate) context: Text,
    /// An attempt before may have had an effect.
    #[serde(default)]
    pub(crate) is_in_doubt: bool,
}

/// What came of it where it faulted for good.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Faulted {
    pub(crate) fault: Fault,
    /// An attempt before may have had an effect.
    #[serde(default)]
    pub(crate) is_in_doubt: bool,
}

/// What one attempt tells the next.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Tried {
    /// How often a worker was asked that could not try it: no attempts.
    pub(crate) unfit: u32,
    /// How many attempts faulted. The others were lost with their workers.
    #[serde(default)]
    pub(crate) faulted: u32,
    /// How many of those that faulted had no effect.
    #[serde(default)]
    pub(crate) not_done: u32,
}

impl Tried {
    /// May an attempt before this one, from 1, have had an effect?
    pub(crate) fn is_in_doubt(&self, attempt: u32) -> bool {
        attempt.saturating_sub(1) > self.not_done
    }

    /// The same after an attempt with this fault.
    pub(crate) fn after(self, faulted: &Faulted) -> Self {
        let not_done = self.not_done + u32::from(faulted.fault.is_not_done());
        Self { faulted: self.faulted + 1, not_done, ..self }
    }
}

/// A stuck visit, by the step's id in the drawing.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Stuck {
    pub(crate) node: String,
    pub(crate) nth: u32,
}

/// The hash of a drawing, as it is shown. JSON's numbers are too short for it in other tools.
pub(crate) fn drawing(plan: &Plan) -> String {
    format!("{:016x}", plan.hash)
}

/// The name under which a run's memo holds the hash of its drawing.
pub(crate) const DRAWING: &str = "drawing";

/// The name under which a run's memo says how it ended, or that it rolls back or is stuck.
pub(crate) const OUTCOME: &str = "outcome";

/// What the memo says of a run that is being rolled back.
pub(crate) const ROLLING_BACK: &str = "rolling back";

/// What the memo says of a run that waits for an operator.
pub(crate) const STUCK: &str = "stuck";

/// The task queue of a lane.
pub(crate) fn lane_queue(flow: &str, lane: &str) -> String {
    format!("{flow}/{lane}")
}
