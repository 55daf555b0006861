use std::collections::HashMap;

use super::course::{Course, begins_rollback};
use super::walk::{self, MOST_STOPS, Walks};
use crate::finding::{Finding, Rule, Severity, Sink, Stop};
use crate::model::budget::Budget;
use crate::model::compensation::{Phrase, Region, is_beside, takes_hold, takes_money};
use crate::model::graph::Graph;
use crate::model::{Kind, Model, NodeIx};
use crate::rules::wording::named;

/// See `what`.
pub(crate) static RULE: Rule = Rule {
    code: "F405",
    name: "step-without-compensation",
    severity: Severity::Warning,
    what: "Nothing undoes a step, and a run that has done it can roll back. Reported in flows with compensations, for \
           three kinds of steps: those that take money, because a fault behind them is enough, and, where a drawn path \
           leads from them into a rollback, those with the same verb as a step that is undone, and those that reserve, \
           hold, book, lock, allocate or acquire something. The walk shows how the rollback comes about. A step that \
           leads straight to others that do what it says is left out.",
    why: "What the step did stays when everything around it is undone, and no run reports it, because only steps \
          with a compensation are owed an undo.",
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

pub(crate) fn check(model: &Model, course: &Course, sink: &mut Sink) {
    let Some(undone) = model.indices().find(|&step| model[step].undone_by.is_some()) else { return };
    let compensated = compensated_verbs(model);
    let region = Region::of(model, &course.control);
    let failing = Failing::of(model, course);
    let company = Company::of(model, course);
    let mut budget = Budget::new(MOST_STOPS);
    for &node in course.forward.nodes() {
        if !may_owe(model, node) || region.nodes[node.0] {
            continue;
        }
        let label = &model[node].label.text;
        let verb = Phrase::of(label).verb;
        if announces(model, node, &verb) {
            continue;
        }
        let like = compensated.get(&verb).copied();
        if like.is_none() && !takes_hold(&verb) && !takes_money(label) {
            continue;
        }
        let walk = failing.walk(model, node, &mut budget);
        let by_fault = || {
            let can_be_kept = takes_money(label) && company.keeps(model, node, &mut budget);
            can_be_kept.then(|| until_fault(model, course, node))
        };
        if let Some(walk) = walk.or_else(by_fault) {
            sink.push(finding(model, node, like.unwrap_or(undone)).walk(walk));
        }
    }
}

fn may_owe(model: &Model, node: NodeIx) -> bool {
    let node = &model[node];
    let acts = matches!(node.kind, Kind::Step | Kind::Task);
    acts && node.undone_by.is_none() && !node.is_compensation() && !node.may_lack_arrows
}

/// `Book both` before `Book flight` and `Book hotel` says what these do. So does `Book the trip` where it
/// forks into steps that are undone.
fn announces(model: &Model, node: NodeIx, verb: &str) -> bool {
    let does_it = |to: NodeIx| {
        let has_verb = || Phrase::of(&model[to].label.text).verb == verb;
        model[to].undone_by.is_some() && (model[node].is_fork() || has_verb())
    };
    model[node].next.iter().any(|arrow| does_it(arrow.to))
}

/// The verbs of steps that something undoes, each with the first such step.
fn compensated_verbs(model: &Model) -> HashMap<String, NodeIx> {
    let mut verbs = HashMap::new();
    for step in model.indices().filter(|&step| model[step].undone_by.is_some()) {
        verbs.entry(Phrase::of(&model[step].label.text).verb).or_insert(step);
    }
    verbs.remove("");
    verbs
}

/// Which steps a run does together with steps that are undone.
struct Company {
    back: Graph,
    forks: Vec<NodeIx>,
    /// By node: a path leads from it to a step that is undone.
    before: Vec<bool>,
    /// By node: a path leads to it from such a step.
    behind: Vec<bool>,
}

impl Company {
    fn of(model: &Model, course: &Course) -> Self {
        let undone = || model.indices().filter(|&step| model[step].undone_by.is_some());
        let back = course.control.reversed();
        let before = back.reach(undone(), |_| true);
        let behind = course.control.reach(undone(), |_| true);
        let forks = model.indices().filter(|&node| model[node].is_fork()).collect();
        Self { back, forks, before, behind }
    }

    /// Does a run do this step before, behind or beside one that is undone? Past the budget branches
    /// beside it are not examined.
    fn keeps(&self, model: &Model, step: NodeIx, budget: &mut Budget) -> bool {
        let leads = |branch: NodeIx| self.before[branch.0];
        let is_beside = || is_beside(model, &self.back, &self.forks, step, leads);
        self.before[step.0]
            || self.behind[step.0]
            || !self.forks.is_empty() && budget.spend(self.back.len()) && is_beside()
    }
}

/// How many circles may lie between a step and the node that faults behind it, in a walk that is shown.
const MOST_CIRCLES: usize = 16;

/// The walk from a step to the next node that can fault; the step alone where that is not near.
fn until_fault(model: &Model, course: &Course, step: NodeIx) -> Vec<Stop> {
    let mut walk = vec![step];
    let mut at = step;
    for _ in 0..=MOST_CIRCLES {
        let &[next] = course.control.next(at) else { break };
        walk.push(next);
        if model[next].is_implemented() && !begins_rollback(model, next) {
            return walk::stops(model, &walk);
        }
        at = next;
    }
    walk::stops(model, &[step])
}

/// The ways on which a drawn arrow leads into a rollback.
struct Failing {
    /// From the rollback back to the nodes of the way forward.
    back: Walks,
}

impl Failing {
    fn of(model: &Model, course: &Course) -> Self {
        let is_way = |&(from, to): &(NodeIx, NodeIx)| {
            let is_on_way = begins_rollback(model, to) || course.forward.leads_to(to) && !stops(model, from);
            course.forward.leads_to(from) && is_on_way
        };
        let arrows: Vec<_> = course.control.arrows().filter(is_way).map(|(from, to)| (to, from)).collect();
        let back = Graph::new(model.nodes.len(), &arrows);
        Self { back: Walks::from(course.entries.iter().copied(), &back, |_| true) }
    }

    /// The shortest walk from a step into a rollback. Not straight from the decision right behind
    /// it, which may say that the step did not do anything. Empty past the budget.
    fn walk(&self, model: &Model, step: NodeIx, budget: &mut Budget) -> Option<Vec<Stop>> {
        let fails = |from: NodeIx| {
            let onward = model[from].next.iter().map(|arrow| arrow.to);
            onward.filter(|&to| !begins_rollback(model, to)).find(|&to| self.back.leads_to(to))
        };
        if stops(model, step) {
            return None;
        }
        let next = fails(step)?;
        let (mut walk, last) = match model[next].kind {
            Kind::Decision => (vec![step, next], fails(next)?),
            _ => (vec![step], next),
        };
        let mut stops = self.back.stops(model, last, budget);
        if stops.is_empty() {
            walk.clear();
        }
        stops.reverse();
        Some(walk::stops(model, &walk).into_iter().chain(stops).collect())
    }
}

/// A fork with an arrow straight into a rollback stops its other branches.
fn stops(model: &Model, fork: NodeIx) -> bool {
    model[fork].is_fork() && model[fork].next.iter().any(|arrow| begins_rollback(model, arrow.to))
}

fn finding(model: &Model, step: NodeIx, like: NodeIx) -> Finding {
    let (step, like) = (&model[step], &model[like]);
    let message = format!("nothing undoes {}, and a run that has done it can roll back", named(step));
    let help = "draw the step that undoes it, and to that an arrow labelled `compensated by`";
    Finding::new(&RULE, step.id.span, message)
        .help(help)
        .related(like.id.span, format!("{} is undone", named(like)))
}
