//! Reports of saved runs with the ids and labels of their drawing, for operators.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::drawing::Drawing;
use crate::flow::Did;
use crate::run::{self, Cause, Ending, FaultAt, Saved, State, VisitOutcome};

/// A saved run as data for operators: its position, path, pending undos and result, with ids and labels.
///
/// A report is made from stored data alone, without the program that the flow is compiled into. An engine can
/// thus show runs of drawings that it no longer has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The id of the run.
    pub run: String,
    /// The status of the run.
    pub status: Status,
    /// The status as text, with the cause: ``rolled back: `Charge card` faulted: card expired``.
    pub summary: String,
    /// The nodes that are active or due, one per branch.
    pub at: Vec<ActiveNode>,
    /// The nodes on its path, in order.
    pub path: Vec<PathEntry>,
    /// The steps that were undone, in the order of their undos.
    pub undone: Vec<NodeRef>,
    /// The pending undos, in the order of their steps.
    pub pending_undos: Vec<PendingUndo>,
    /// The failed undos, each with the fault of its compensation.
    pub stuck: Vec<PendingUndo>,
    /// The faults of the run, except those that were retried.
    pub faults: Vec<String>,
}

/// The status of a run: how it proceeds, or how it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The run proceeds forward.
    Running,
    /// The run is being rolled back.
    RollingBack,
    /// The run ended, and some undos failed: an operator has to resolve them.
    Stuck,
    /// The run reached an end.
    Completed,
    /// The run was rolled back: everything that had to be undone is undone.
    RolledBack,
    /// The run faulted, and nothing had to be undone.
    Failed,
    /// An operator abandoned the run, with its pending undos.
    Abandoned,
    /// The run has not ended, and the program that opened its file cannot continue it. Only an engine, which
    /// knows the program, reports this status. It is never derived from a saved run alone.
    Refused,
}

impl Status {
    /// All statuses, in the order of [`Display`](fmt::Display)'s words.
    pub const ALL: &'static [Self] = &[
        Self::Running,
        Self::RollingBack,
        Self::Stuck,
        Self::Completed,
        Self::RolledBack,
        Self::Failed,
        Self::Abandoned,
        Self::Refused,
    ];
}

/// A node, as it is drawn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NodeRef {
    /// The id in the drawing: `n7`.
    #[serde(rename = "node")]
    pub id: String,
    /// The label in the drawing.
    pub label: String,
    /// The name of the lane.
    pub lane: String,
}

/// A node that is active or due in a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ActiveNode {
    /// The node.
    #[serde(flatten)]
    pub node: NodeRef,
    /// Which visit of it, from 1.
    pub visit: u32,
    /// The number of the latest attempt of this visit, from 1; 0 if there was none yet.
    pub attempt: u32,
}

/// A node on the path of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PathEntry {
    /// The node.
    #[serde(flatten)]
    pub node: NodeRef,
    /// Which visit of it, from 1; 0 if the node was skipped.
    pub visit: u32,
    /// The result of the visit, unless the node was simply passed or done: ``undid `Charge card` ``.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A visit of a step that still has to be undone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PendingUndo {
    /// The step.
    #[serde(flatten)]
    pub node: NodeRef,
    /// Which visit of it, from 1.
    pub visit: u32,
    /// The fault of its compensation, if the compensation failed for good.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
}

impl Status {
    /// Whether the run has ended. A stuck run has ended until it is retried.
    #[must_use]
    pub fn is_over(self) -> bool {
        !matches!(self, Self::Running | Self::RollingBack | Self::Refused)
    }
}

/// The status of a run in this state.
impl From<&State> for Status {
    fn from(state: &State) -> Self {
        match state.ending() {
            None if state.is_rolling_back() => Self::RollingBack,
            None => Self::Running,
            Some(Ending::Completed(_)) => Self::Completed,
            Some(Ending::RolledBack(_)) => Self::RolledBack,
            Some(Ending::Stuck(_)) => Self::Stuck,
            Some(Ending::Failed(_)) => Self::Failed,
            Some(Ending::Abandoned) => Self::Abandoned,
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Running => "running",
            Self::RollingBack => "rolling back",
            Self::Stuck => "stuck",
            Self::Completed => "completed",
            Self::RolledBack => "rolled back",
            Self::Failed => "failed",
            Self::Abandoned => "abandoned",
            Self::Refused => "refused",
        })
    }
}

impl fmt::Display for PathEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.node.label)?;
        self.note.iter().try_for_each(|note| write!(f, " ({note})"))
    }
}

impl Drawing {
    /// Reports a run that was begun with this drawing.
    #[must_use]
    pub fn report<C>(&self, saved: &Saved<C>) -> Report {
        let state = saved.state();
        let pending = |undos: &[run::PendingUndo]| undos.iter().map(|undo| self.pending_undo(undo)).collect();
        Report {
            run: saved.id().to_owned(),
            status: Status::from(state),
            summary: self.summary(state),
            at: state.active_nodes().map(|active| self.active_node(active)).collect(),
            path: saved.path().map(|entry| self.path_entry(entry)).collect(),
            undone: saved.path().filter_map(|entry| self.undone(entry)).collect(),
            pending_undos: pending(state.pending_undos()),
            stuck: pending(state.stuck()),
            faults: state.faults().iter().map(|fault| self.fault(fault)).collect(),
        }
    }

    /// The visits that remain without an undo in an abandoned run, in the order of their steps.
    #[must_use]
    pub fn left_behind<C>(&self, saved: &Saved<C>) -> Vec<PendingUndo> {
        saved.state().abandoned().iter().map(|undo| self.pending_undo(undo)).collect()
    }

    /// If a damaged run refers to a node that the drawing does not have, the node's number is its name.
    fn node_ref(&self, node: u32) -> NodeRef {
        match self.nodes.get(node as usize) {
            Some(drawn) => {
                NodeRef { id: drawn.id.clone(), label: drawn.label.clone(), lane: drawn.lane.clone() }
            }
            None => NodeRef { id: node.to_string(), label: self.name(node), lane: String::new() },
        }
    }

    fn active_node(&self, active: run::ActiveNode) -> ActiveNode {
        ActiveNode { node: self.node_ref(active.node), visit: active.visit, attempt: active.attempt }
    }

    fn pending_undo(&self, undo: &run::PendingUndo) -> PendingUndo {
        let fault = undo.fault.as_ref().map(|fault| format!("{fault:#}"));
        PendingUndo { node: self.node_ref(undo.node), visit: undo.visit, fault }
    }

    fn path_entry(&self, entry: &run::PathEntry) -> PathEntry {
        let label = |node: u32| self.node_ref(node).label;
        let note = match entry.outcome {
            VisitOutcome::Passed | VisitOutcome::Done => None,
            VisitOutcome::NotDone => Some("not done".to_owned()),
            VisitOutcome::InDoubt => Some("in doubt".to_owned()),
            VisitOutcome::Faulted => Some("faulted".to_owned()),
            VisitOutcome::Undone { node, .. } => Some(format!("undid `{}`", label(node))),
            VisitOutcome::UndoneByHand { node, .. } => Some(format!("`{}` was undone by hand", label(node))),
            VisitOutcome::Waived { node, .. } => Some(format!("`{}` is not to be undone", label(node))),
            VisitOutcome::UndoFailed { node, .. } => Some(format!("could not undo `{}`", label(node))),
            VisitOutcome::Asked(Did::Done(())) => Some("asked: done".to_owned()),
            VisitOutcome::Asked(Did::NotDone) => Some("asked: not done".to_owned()),
            VisitOutcome::Asked(Did::Unknown) => Some("asked: unknown".to_owned()),
            VisitOutcome::NothingToUndo => Some("nothing to undo".to_owned()),
        };
        PathEntry { node: self.node_ref(entry.node), visit: entry.visit, note }
    }

    fn undone(&self, entry: &run::PathEntry) -> Option<NodeRef> {
        match entry.outcome {
            VisitOutcome::Undone { node, .. } => Some(self.node_ref(node)),
            _ => None,
        }
    }

    fn fault(&self, at: &FaultAt) -> String {
        format!("`{}` faulted: {:#}", self.node_ref(at.node).label, at.fault)
    }

    fn cause(&self, cause: &Cause) -> String {
        match cause {
            Cause::Fault(at) => self.fault(at),
            Cause::Drawn { from, at } => {
                format!("`{}` led to `{}`", self.node_ref(*from).label, self.node_ref(*at).label)
            }
            Cause::Cancelled => "cancelled".to_owned(),
        }
    }

    fn summary(&self, state: &State) -> String {
        let status = Status::from(state);
        match state.ending() {
            None => state.cause().map_or_else(|| status.to_string(), |why| self.because(status, why)),
            Some(Ending::Completed(end)) => format!("completed at `{}`", self.node_ref(*end).label),
            Some(Ending::Stuck(why)) => {
                let undos: Vec<String> = state
                    .stuck()
                    .iter()
                    .map(|undo| format!("`{}`", self.node_ref(undo.node).label))
                    .collect();
                format!("{}; pending undos: {}", self.because(status, why), undos.join(", "))
            }
            Some(Ending::RolledBack(why) | Ending::Failed(why)) => self.because(status, why),
            Some(Ending::Abandoned) => {
                let undos: Vec<String> = state
                    .abandoned()
                    .iter()
                    .map(|undo| format!("`{}`", self.node_ref(undo.node).label))
                    .collect();
                if undos.is_empty() {
                    status.to_string()
                } else {
                    format!("{status}; pending undos: {}", undos.join(", "))
                }
            }
        }
    }

    fn because(&self, status: Status, why: &Cause) -> String {
        format!("{status}: {}", self.cause(why))
    }
}
