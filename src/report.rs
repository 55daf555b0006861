//! A saved run in the words of its drawing, for those who look after runs.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::drawing::Drawing;
use crate::run::{Cause, Ending, FaultAt, Owed, Saved, Stance, State, Trace, Walked};

/// Where a run stands, where it has been, what it owes and how it ended, in the words of its drawing.
///
/// It is made of what a store keeps, without the program that the flow is compiled into, so that an
/// engine can show runs of drawings that it does not have any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The id of the run.
    pub run: String,
    /// How it is going, or how it ended.
    pub status: Status,
    /// The same in words, with the cause: ``rolled back: `Charge card` faulted: card expired``.
    pub summary: String,
    /// The nodes at which something is being done, or is to be done next; one a branch.
    pub at: Vec<Standing>,
    /// Where it has been.
    pub path: Vec<Stop>,
    /// What was undone, in the order in which that happened.
    pub undone: Vec<Place>,
    /// What would have to be undone if it failed now, in the order in which it was done.
    pub owed: Vec<Debt>,
    /// What could not be undone, each with the fault of its compensation.
    pub stuck: Vec<Debt>,
    /// What went wrong on the way, retries apart.
    pub faults: Vec<String>,
}

/// How a run is going, or how it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It goes forward.
    Running,
    /// It is being rolled back.
    RollingBack,
    /// It ended, and something is still owed: somebody has to see to it.
    Stuck,
    /// It reached an end.
    Completed,
    /// It failed, and everything that was owed is undone.
    RolledBack,
    /// It failed, and nothing was owed.
    Failed,
    /// An operator gave it up, with what it owes.
    Abandoned,
    /// It is not over, and the program that has its file cannot go on with it. An engine says so, which knows
    /// the program; a saved run alone never has this status.
    Refused,
}

impl Status {
    /// Every status, in the order of the words that [`Display`](fmt::Display) gives.
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
    /// The lane, by its name.
    pub lane: String,
}

/// A node at which a run stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Standing {
    /// The node.
    #[serde(flatten)]
    pub place: Place,
    /// Which visit of it, from 1.
    pub nth: u32,
    /// How often this visit was tried, from 1; 0 where it was not yet.
    pub attempt: u32,
}

/// A node at which a run has been.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stop {
    /// The node.
    #[serde(flatten)]
    pub place: Place,
    /// Which visit of it, from 1; 0 where it was passed by.
    pub nth: u32,
    /// What came of it, where that is not plain: ``undid `Charge card` ``.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A visit of a step that is owed an undo.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Debt {
    /// The step.
    #[serde(flatten)]
    pub place: Place,
    /// Which visit of it, from 1.
    pub nth: u32,
    /// Why its compensation was given up, if it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
}

impl Status {
    /// How a run in this state is going.
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

    /// Is the run over? One that is stuck is, until somebody retries it.
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
    /// A run that was begun with this drawing, in its words.
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

    /// What nothing undoes any more in a run that was abandoned, in the order in which it was done.
    #[must_use]
    pub fn left_behind<C>(&self, saved: &Saved<C>) -> Vec<Debt> {
        saved.state().abandoned().iter().map(|owed| self.debt(owed)).collect()
    }

    /// A node that the drawing has not, in a run that was damaged, is named by its number.
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
