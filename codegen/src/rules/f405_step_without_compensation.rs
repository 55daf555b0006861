use std::collections::HashMap;

use crate::analysis::ControlFlow;
use crate::finding::{Finding, Findings, Rule, Severity};
use crate::graph::{Budget, Graph, ShortestPaths, is_beside};
use crate::model::compensation::{Phrase, takes_hold, takes_money};
use crate::model::rollback::DrawnRollback;
use crate::model::{Kind, Model, NodeIx};
use crate::rules::RuleContext;
use crate::rules::context::LONGEST_PATHS;
use crate::rules::text::{named, path_nodes};

pub(crate) static RULE: Rule = Rule {
    code: "F405",
    name: "step-without-compensation",
    severity: Severity::Warning,
    what: "Reports a step without a compensation, if a run that has done it can roll back. Only flows with \
           compensations are checked, for three kinds of steps. A step that takes money is reported if any \
           later step can fault. If a drawn path leads into a rollback, a step with the same verb as a \
           compensated step is reported, and a step that reserves, holds, books, locks, allocates or \
           acquires something. The path shows how the rollback comes about. A step that only announces the \
           steps right after it is not reported.",
    why: "The effect of the step remains when everything around it is undone. No run reports it, because \
          only a step with a compensation has a pending undo.",
    wrong: r#"Trip { # Trip
  n1: circle label:"Start"
  n2: rectangle label:"Reserve room"
  n3: diamond label:"Room free?"
  n4: rectangle label:"Reserve seat"
  n5: diamond label:"Paid?"
  n6: circle label:"Booked"
  n7: rectangle label:"Free seat"
  n8: circle label:"Not booked"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
  n3.handle(right) -> n4.handle(left) [label="Yes"]
  n3.handle(bottom) -> n8.handle(left) [label="No"]
  n4.handle(right) -> n5.handle(left)
  n4.handle(bottom) -> n7.handle(left) [label="compensated by"]
  n5.handle(right) -> n6.handle(left) [label="Yes"]
  n5.handle(bottom) -> n7.handle(top) [label="No"]
  n7.handle(right) -> n8.handle(left)
}
"#,
    right: r#"Trip { # Trip
  n1: circle label:"Start"
  n2: rectangle label:"Reserve room"
  n3: diamond label:"Room free?"
  n4: rectangle label:"Reserve seat"
  n5: diamond label:"Paid?"
  n6: circle label:"Booked"
  n7: rectangle label:"Free seat"
  n8: circle label:"Not booked"
  n9: rectangle label:"Free room"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
  n2.handle(bottom) -> n9.handle(left) [label="compensated by"]
  n3.handle(right) -> n4.handle(left) [label="Yes"]
  n3.handle(bottom) -> n8.handle(left) [label="No"]
  n4.handle(right) -> n5.handle(left)
  n4.handle(bottom) -> n7.handle(left) [label="compensated by"]
  n5.handle(right) -> n6.handle(left) [label="Yes"]
  n5.handle(bottom) -> n7.handle(top) [label="No"]
  n7.handle(right) -> n9.handle(left)
  n9.handle(right) -> n8.handle(left)
}
"#,
};

pub(crate) fn check(cx: &RuleContext<'_>, findings: &mut Findings) {
    let (model, Some(flow)) = (cx.model, cx.flow.map(|flow| &flow.control_flow)) else { return };
    let Some(undone) = model.indices().find(|&step| model[step].undone_by.is_some()) else { return };
    let compensated = compensated_verbs(model);
    let rollback = DrawnRollback::new(model, &flow.control);
    let failing = Failing::new(model, flow);
    let undone_steps = UndoneSteps::new(model, flow);
    let mut budget = Budget::new(LONGEST_PATHS);
    for &node in flow.forward.nodes() {
        if !may_lack_compensation(model, node) || rollback.nodes[node.0] {
            continue;
        }
        let label = &model[node].label.text;
        let verb = Phrase::new(label).verb;
        if announces(model, node, &verb) {
            continue;
        }
        let like = compensated.get(&verb).copied();
        if like.is_none() && !takes_hold(&verb) && !takes_money(label) {
            continue;
        }
        let path = failing.path(model, node, &mut budget);
        let by_fault = || {
            let can_be_kept = takes_money(label) && undone_steps.are_near(flow, node, &mut budget);
            can_be_kept.then(|| until_fault(model, flow, node))
        };
        if let Some(path) = path.or_else(by_fault) {
            findings.push(finding(model, node, like.unwrap_or(undone)).path(path_nodes(model, &path)));
        }
    }
}

fn may_lack_compensation(model: &Model, node: NodeIx) -> bool {
    let node = &model[node];
    node.is_work() && node.undone_by.is_none() && !node.is_compensation() && !node.may_lack_arrows
}

/// Does the step only announce the next ones, as `Book both` does before `Book flight` and `Book hotel`? So
/// does `Book the trip` if it forks into steps that are undone.
fn announces(model: &Model, node: NodeIx, verb: &str) -> bool {
    let does_it = |to: NodeIx| {
        let has_verb = || Phrase::new(&model[to].label.text).verb == verb;
        model[to].undone_by.is_some() && (model[node].is_fork() || has_verb())
    };
    model[node].next.iter().any(|arrow| does_it(arrow.to))
}

/// The verbs of steps with a compensation, each with the first such step.
fn compensated_verbs(model: &Model) -> HashMap<String, NodeIx> {
    let mut verbs = HashMap::new();
    for step in model.indices().filter(|&step| model[step].undone_by.is_some()) {
        verbs.entry(Phrase::new(&model[step].label.text).verb).or_insert(step);
    }
    verbs.remove("");
    verbs
}

/// Where steps with a compensation are.
struct UndoneSteps {
    back: Graph,
    forks: Vec<NodeIx>,
    /// By node: a path leads from it to such a step.
    before: Vec<bool>,
    /// By node: a path leads to it from such a step.
    after: Vec<bool>,
}

impl UndoneSteps {
    fn new(model: &Model, flow: &ControlFlow) -> Self {
        let undone = || model.indices().filter(|&step| model[step].undone_by.is_some());
        let back = flow.control.reversed();
        let before = back.reachable(undone(), |_| true);
        let after = flow.control.reachable(undone(), |_| true);
        Self { back, forks: model.forks().collect(), before, after }
    }

    /// Does a run do this step before, after or beside a step with a compensation? Over the budget, branches
    /// beside it are not examined.
    fn are_near(&self, flow: &ControlFlow, step: NodeIx, budget: &mut Budget) -> bool {
        let leads = |branch: NodeIx| self.before[branch.0];
        let is_beside = || is_beside(&flow.control, &self.back, &self.forks, step, leads);
        self.before[step.0]
            || self.after[step.0]
            || !self.forks.is_empty() && budget.spend(self.back.len()).is_ok() && is_beside()
    }
}

/// How many circles a path from a step to the next node that can fault may contain.
const MAX_CIRCLES: usize = 16;

/// The path from a step to the next node that can fault; the step alone if that is far.
fn until_fault(model: &Model, flow: &ControlFlow, step: NodeIx) -> Vec<NodeIx> {
    let mut path = vec![step];
    let mut at = step;
    for _ in 0..=MAX_CIRCLES {
        let &[next] = flow.control.next(at) else { break };
        path.push(next);
        if model[next].is_implemented() && !model[next].begins_rollback() {
            return path;
        }
        at = next;
    }
    vec![step]
}

/// The paths on which a drawn edge leads into a rollback.
struct Failing {
    /// From the rollback back to the nodes of the flow.
    back: ShortestPaths,
}

impl Failing {
    fn new(model: &Model, flow: &ControlFlow) -> Self {
        let is_on_path = |from: NodeIx, to: NodeIx| {
            let is_forward = || flow.forward.leads_to(to) && !stops_branches(model, from);
            flow.forward.leads_to(from) && (model[to].begins_rollback() || is_forward())
        };
        let back = flow.control.filtered(is_on_path).reversed();
        Self { back: ShortestPaths::new(flow.rollback_entries.iter().copied(), &back, |_| true) }
    }

    /// The shortest path from a step into a rollback, but not straight from the decision right after it,
    /// which may say that the step had no effect. Empty over the budget.
    fn path(&self, model: &Model, step: NodeIx, budget: &mut Budget) -> Option<Vec<NodeIx>> {
        let fails = |from: NodeIx| {
            let onward = model[from].next.iter().map(|arrow| arrow.to);
            onward.filter(|&to| !model[to].begins_rollback()).find(|&to| self.back.leads_to(to))
        };
        if stops_branches(model, step) {
            return None;
        }
        let next = fails(step)?;
        let (mut path, last) = match model[next].kind {
            Kind::Decision => (vec![step, next], fails(next)?),
            _ => (vec![step], next),
        };
        let back = self.back.bounded_to(last, budget);
        if back.is_empty() {
            path.clear();
        }
        path.extend(back.into_iter().rev());
        Some(path)
    }
}

/// A fork with an edge straight into a rollback stops its other branches.
fn stops_branches(model: &Model, fork: NodeIx) -> bool {
    model[fork].is_fork() && model[fork].next.iter().any(|arrow| model[arrow.to].begins_rollback())
}

fn finding(model: &Model, step: NodeIx, like: NodeIx) -> Finding {
    let (step, like) = (&model[step], &model[like]);
    let message = format!("{} has no compensation, and a run that has done it can roll back", named(step));
    let help = "draw the step that undoes it, and an arrow to that step labeled `compensated by`";
    Finding::new(&RULE, step.id.span, message)
        .help(help)
        .related(like.id.span, format!("{} has a compensation", named(like)))
}
