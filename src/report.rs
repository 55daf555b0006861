//! Reports of saved runs with the ids and labels of their drawing, for operators.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::drawing::Drawing;
use crate::run::{Cause, Ending, FaultAt, Owed, Saved, Stance, State, Trace, Walked};

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
    pub at: Vec<Standing>,
    /// The nodes on its path, in order.
    pub path: Vec<Stop>,
    /// The steps that were undone, in the order of their undos.
    pub undone: Vec<Place>,
    /// The pending undos, in the order of their steps.
    pub owed: Vec<Debt>,
    /// The failed undos, each with the fault of its compensation.
    pub stuck: Vec<Debt>,
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
pub struct Place {
    /// The id in the drawing: `n7`.
    pub node: String,
    /// The label in the drawing.
    pub label: String,
    /// The name of the lane.
    pub lane: String,
}

/// A node that is active or due in a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Standing {
    /// The node.
    #[serde(flatten)]
    pub place: Place,
    /// Which visit of it, from 1.
    pub nth: u32,
    /// The number of the latest attempt of this visit, from 1; 0 if there was none yet.
    pub attempt: u32,
}

/// A node on the path of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stop {
    /// The node.
    #[serde(flatten)]
    pub place: Place,
    /// Which visit of it, from 1; 0 if the node was skipped.
    pub nth: u32,
    /// The result of the visit, unless the node was simply passed or done: ``undid `Charge card` ``.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A visit of a step that still has to be undone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Debt {
    /// The step.
    #[serde(flatten)]
    pub place: Place,
    /// Which visit of it, from 1.
    pub nth: u32,
    /// The fault of its compensation, if the compensation failed for good.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
}

impl Status {
    /// The status of a run in this state.
    #[must_use]
    pub fn of(state: &State) -> Self {
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

    /// Whether the run has ended. A stuck run has ended until it is retried.
    #[must_use]
    pub fn is_over(self) -> bool {
        !matches!(self, Self::Running | Self::RollingBack | Self::Refused)
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

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.place.label)?;
        self.note.iter().try_for_each(|note| write!(f, " ({note})"))
    }
}

impl Drawing {
    /// Reports a run that was begun with this drawing.
    #[must_use]
    pub fn report<C>(&self, saved: &Saved<C>) -> Report {
        let state = saved.state();
        let debts = |owed: &[Owed]| owed.iter().map(|owed| self.debt(owed)).collect();
        Report {
            run: saved.id().to_owned(),
            status: Status::of(state),
            summary: self.summary(state),
            at: state.stances().map(|stance| self.standing(stance)).collect(),
            path: saved.path().map(|walked| self.stop(walked)).collect(),
            undone: saved.path().filter_map(|walked| self.undone(walked)).collect(),
            owed: debts(state.owed()),
            stuck: debts(state.stuck()),
            faults: state.faults().iter().map(|fault| self.fault(fault)).collect(),
        }
    }

    /// The visits that remain without an undo in an abandoned run, in the order of their steps.
    #[must_use]
    pub fn left_behind<C>(&self, saved: &Saved<C>) -> Vec<Debt> {
        saved.state().abandoned().iter().map(|owed| self.debt(owed)).collect()
    }

    /// If a damaged run refers to a node that the drawing does not have, the node's number is its name.
    fn place(&self, node: u32) -> Place {
        match self.nodes.get(node as usize) {
            Some(drawn) => {
                Place { node: drawn.id.clone(), label: drawn.label.clone(), lane: drawn.lane.clone() }
            }
            None => Place { node: node.to_string(), label: self.name(node), lane: String::new() },
        }
    }

    fn standing(&self, stance: Stance) -> Standing {
        Standing { place: self.place(stance.node), nth: stance.nth, attempt: stance.attempt }
    }

    fn debt(&self, owed: &Owed) -> Debt {
        let fault = owed.fault.as_ref().map(|fault| format!("{fault:#}"));
        Debt { place: self.place(owed.node), nth: owed.nth, fault }
    }

    fn stop(&self, walked: &Walked) -> Stop {
        let label = |node: u32| self.place(node).label;
        let note = match walked.trace {
            Trace::Passed | Trace::Done => None,
            Trace::NotDone => Some("not done".to_owned()),
            Trace::InDoubt => Some("in doubt".to_owned()),
            Trace::Faulted => Some("faulted".to_owned()),
            Trace::Undid { node, .. } => Some(format!("undid `{}`", label(node))),
            Trace::UndoneByHand { node, .. } => Some(format!("`{}` was undone by hand", label(node))),
            Trace::Waived { node, .. } => Some(format!("`{}` is not to be undone", label(node))),
            Trace::SetAside { node, .. } => Some(format!("could not undo `{}`", label(node))),
            Trace::NothingToUndo => Some("nothing to undo".to_owned()),
        };
        Stop { place: self.place(walked.node), nth: walked.nth, note }
    }

    fn undone(&self, walked: &Walked) -> Option<Place> {
        match walked.trace {
            Trace::Undid { node, .. } => Some(self.place(node)),
            _ => None,
        }
    }

    fn fault(&self, at: &FaultAt) -> String {
        format!("`{}` faulted: {:#}", self.place(at.node).label, at.fault)
    }

    fn cause(&self, cause: &Cause) -> String {
        match cause {
            Cause::Fault(at) => self.fault(at),
            Cause::Drawn { from, at } => {
                format!("`{}` led to `{}`", self.place(*from).label, self.place(*at).label)
            }
            Cause::Cancelled => "cancelled".to_owned(),
        }
    }

    fn summary(&self, state: &State) -> String {
        let status = Status::of(state);
        match state.ending() {
            None => state.cause().map_or_else(|| status.to_string(), |why| self.because(status, why)),
            Some(Ending::Completed(end)) => format!("completed at `{}`", self.place(*end).label),
            Some(Ending::Stuck(why)) => {
                let owed: Vec<String> =
                    state.stuck().iter().map(|owed| format!("`{}`", self.place(owed.node).label)).collect();
                format!("{}; still owed: {}", self.because(status, why), owed.join(", "))
            }
            Some(Ending::RolledBack(why) | Ending::Failed(why)) => self.because(status, why),
            Some(Ending::Abandoned) => {
                let owed: Vec<String> = state
                    .abandoned()
                    .iter()
                    .map(|owed| format!("`{}`", self.place(owed.node).label))
                    .collect();
                if owed.is_empty() {
                    status.to_string()
                } else {
                    format!("{status}; still owed: {}", owed.join(", "))
                }
            }
        }
    }

    fn because(&self, status: Status, why: &Cause) -> String {
        format!("{status}: {}", self.cause(why))
    }
}
