//! Whether a compensation that edges lead to ever has a step to undo there.

use std::collections::HashSet;

use super::{ControlFlow, Misordered};
use crate::graph::{Budget, NodeIx, OverBudget, ShortestPaths, TargetReachability};
use crate::model::rollback::{FaultPaths, message_targets, trigger_of_faults};
use crate::model::{Model, Node};

/// How many nodes the paths of all findings may have together.
const LONGEST: usize = 1_000_000;

/// A compensation that never has a step to undo on the paths that lead to it.
pub(crate) struct NeverOwed {
    pub(crate) node: NodeIx,
    /// From the beginning of a run to the compensation; empty if the paths of all findings together are too
    /// long.
    pub(crate) path: Vec<NodeIx>,
    pub(crate) reason: NeverOwedReason,
}

/// Why a compensation never has a step to undo.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum NeverOwedReason {
    /// Its steps are done in the runs of messages.
    StepsInMessages,
    /// Its steps are done in the flow, and it is drawn in the run of a message.
    StepsInFlow,
    /// No path from its steps leads there.
    NoPathFromSteps,
    /// A rollback passes it on the way to other compensations, so it belongs there.
    PassedBy,
}

pub(super) struct Owed {
    pub(super) never_owed: Vec<NeverOwed>,
    /// Compensations for which the search was stopped.
    pub(super) undecided: Vec<NodeIx>,
}

impl Owed {
    /// `misordered` are the compensations in the wrong order.
    pub(super) fn new(model: &Model, flow: &ControlFlow, misordered: &[Misordered]) -> Self {
        if !model.nodes.iter().any(Node::is_compensation) {
            return Self { never_owed: Vec::new(), undecided: Vec::new() };
        }
        let entered = Entered::new(model, flow);
        if entered.never_owed.is_empty() {
            return Self { never_owed: Vec::new(), undecided: entered.undecided };
        }
        let with_others = entered.with_others(flow);
        let is_misordered: HashSet<_> = misordered.iter().map(|misordered| misordered.then).collect();
        let mut budget = Budget::new(LONGEST);
        let never_owed = entered.never_owed.iter().map(|&node| {
            let paths = if entered.flow.leads_to(node) { &entered.flow } else { &entered.messages };
            let belongs = with_others[node.0] && !is_misordered.contains(&node);
            let reason = entered.reason(model, node, belongs);
            NeverOwed { node, path: paths.bounded_to(node, &mut budget), reason }
        });
        Self { never_owed: never_owed.collect(), undecided: entered.undecided }
    }
}

/// The compensations that a run enters along edges, or by a fault through the trigger.
struct Entered {
    /// From the starts and the trigger.
    flow: ShortestPaths,
    /// From the targets of messages.
    messages: ShortestPaths,
    /// One of their steps is done, or may be, on some path to them.
    owed: Vec<NodeIx>,
    /// None of their steps is done on any path to them.
    never_owed: Vec<NodeIx>,
    /// The search was stopped.
    undecided: Vec<NodeIx>,
}

impl Entered {
    fn new(model: &Model, flow: &ControlFlow) -> Self {
        let trigger = trigger_of_faults(model);
        let roots = model.starts.iter().copied().chain(trigger);
        let faults = FaultPaths::new(model, &flow.control, trigger);
        let mut entered = Self {
            flow: ShortestPaths::new(roots, &flow.control, |_| true),
            messages: ShortestPaths::new(message_targets(model), &flow.control, |_| true),
            owed: Vec::new(),
            never_owed: Vec::new(),
            undecided: Vec::new(),
        };
        let is_undone = |&node: &NodeIx| model[node].undoes.iter().any(|&step| entered.leads_to(step));
        let compensations = model.indices().filter(|&node| entered.leads_to(node)).filter(is_undone);
        let by_fault = |&node: &NodeIx| model[node].undoes.iter().any(|&step| faults.lead(step, node));
        let (owed, others): (Vec<_>, Vec<_>) = compensations.partition(by_fault);
        entered.owed = owed;
        let mut paths = TargetReachability::new(flow.control.clone(), model.forks().collect(), &others);
        for (at, &node) in others.iter().enumerate() {
            let steps = model[node].undoes.iter().copied().filter(|&step| entered.leads_to(step));
            match steps.map(|step| paths.leads(step, at)).find(|leads| !matches!(leads, Ok(false))) {
                Some(Ok(_)) => entered.owed.push(node),
                Some(Err(OverBudget)) => entered.undecided.push(node),
                None => entered.never_owed.push(node),
            }
        }
        entered
    }

    /// Does a run come there along edges, or by a fault through the trigger?
    fn leads_to(&self, node: NodeIx) -> bool {
        self.flow.leads_to(node) || self.messages.leads_to(node)
    }

    /// By node: a path leads from it to a compensation with steps to undo, or the other way round.
    fn with_others(&self, flow: &ControlFlow) -> Vec<bool> {
        let others = || self.owed.iter().chain(&self.undecided).copied();
        let before = flow.control.reversed().reachable(others(), |_| true);
        let after = flow.control.reachable(others(), |_| true);
        before.iter().zip(&after).map(|(&before, &after)| before || after).collect()
    }

    fn reason(&self, model: &Model, node: NodeIx, belongs: bool) -> NeverOwedReason {
        let is_done = |paths: &ShortestPaths| model[node].undoes.iter().any(|&step| paths.leads_to(step));
        match (self.flow.leads_to(node), self.messages.leads_to(node)) {
            (true, false) if !is_done(&self.flow) => NeverOwedReason::StepsInMessages,
            (false, true) if !is_done(&self.messages) => NeverOwedReason::StepsInFlow,
            _ if belongs => NeverOwedReason::PassedBy,
            _ => NeverOwedReason::NoPathFromSteps,
        }
    }
}
