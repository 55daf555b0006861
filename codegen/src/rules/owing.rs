//! Whether a compensation that edges lead to ever has something to undo there.

use super::course::Course;
use super::walk::Walks;
use crate::model::compensation::{Paths, Spent, sent, trigger_of_faults};
use crate::model::{Model, NodeIx};

/// The compensations that a run comes to along edges, or by a fault through the trigger.
pub(crate) struct Owing {
    /// From the starts and the trigger.
    pub(crate) flow: Walks,
    /// From where messages lead to.
    pub(crate) messages: Walks,
    /// On some path one of the steps that it undoes has been done, or may have been.
    pub(crate) owed: Vec<NodeIx>,
    /// No such path passes a step that it undoes.
    pub(crate) never_owed: Vec<NodeIx>,
    /// The search was given up.
    pub(crate) undecided: Vec<NodeIx>,
}

impl Owing {
    pub(crate) fn of(model: &Model, course: &Course) -> Self {
        let trigger = trigger_of_faults(model);
        let roots = model.starts.iter().copied().chain(trigger);
        let flow = Walks::from(roots, &course.control, |_| true);
        let messages = Walks::from(sent(model), &course.control, |_| true);
        let by_fault = ByFault::of(model, course, trigger);
        let (owed, never_owed, undecided) = (Vec::new(), Vec::new(), Vec::new());
        let mut owing = Self { flow, messages, owed, never_owed, undecided };
        let is_undone = |&node: &NodeIx| model[node].is_compensation() && owing.has_step(model, node);
        let entered = model.indices().filter(|&node| owing.leads_to(node)).filter(is_undone);
        let (owed, others): (Vec<_>, Vec<_>) = entered.partition(|&node| by_fault.is_owed(model, node));
        owing.owed = owed;
        let mut paths = Paths::to(model, &others);
        for (at, &node) in others.iter().enumerate() {
            let steps = model[node].undoes.iter().copied().filter(|&step| owing.leads_to(step));
            match steps.map(|step| paths.lead(step, at)).find(|leads| !matches!(leads, Ok(false))) {
                Some(Ok(_)) => owing.owed.push(node),
                Some(Err(Spent)) => owing.undecided.push(node),
                None => owing.never_owed.push(node),
            }
        }
        owing
    }

    /// Does a run come there along edges, or by a fault through the trigger?
    fn leads_to(&self, node: NodeIx) -> bool {
        self.flow.leads_to(node) || self.messages.leads_to(node)
    }

    /// Is one of the steps that it undoes ever done?
    fn has_step(&self, model: &Model, compensation: NodeIx) -> bool {
        model[compensation].undoes.iter().any(|&step| self.leads_to(step))
    }
}

/// What a fault on the way forward leads to.
struct ByFault {
    /// By node: it is done before the flow rolls back.
    forward: Vec<bool>,
    /// By node: the trigger leads to it.
    behind: Vec<bool>,
}

impl ByFault {
    fn of(model: &Model, course: &Course, trigger: Option<NodeIx>) -> Self {
        let undoes = |node: NodeIx| model[node].is_compensation() || model[node].is_trigger;
        let forward = course.control.reach(model.starts.iter().copied(), |node| !undoes(node));
        Self { forward, behind: course.control.reach(trigger, |_| true) }
    }

    fn is_owed(&self, model: &Model, compensation: NodeIx) -> bool {
        self.behind[compensation.0] && model[compensation].undoes.iter().any(|step| self.forward[step.0])
    }
}
