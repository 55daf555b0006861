use std::collections::HashMap;

use super::course::{Course, begins_rollback};
use super::walk::{self, MOST_STOPS, Walks};
use crate::finding::{Finding, Rule, Severity, Sink, Stop};
use crate::model::budget::Budget;
use crate::model::compensation::Phrase;
use crate::model::graph::Graph;
use crate::model::{Kind, Model, NodeIx};
use crate::rules::wording::named;

/// See `what`.
pub(crate) static RULE: Rule = Rule {
    code: "F405",
    name: "step-without-compensation",
    severity: Severity::Warning,
    what: "A way that goes through a step can still end in a rollback, and nothing undoes the step, although \
           another step with the same verb has a compensation. The walk shows how the rollback comes about. \
           Nothing is said of steps whose verb nothing undoes, which mostly have nothing to undo, nor of one that leads straight to such other steps.",
    why: "What the step did stays when everything around it is undone, and no run reports it, because only steps \
          with a compensation are owed an undo.",
    wrong: r#"Trip { # Trip
  n1: circle label:"Start"
  n2: rectangle label:"Reserve seat"
  n3: rectangle label:"Reserve room"
  n4: rectangle label:"Ask bank"
  n5: diamond label:"Paid?"
  n6: circle label:"Booked"
  n7: rectangle label:"Free seat"
  n8: circle label:"Not booked"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
  n2.handle(bottom) -> n7.handle(left) [label="compensated by"]
  n3.handle(right) -> n4.handle(left)
  n4.handle(right) -> n5.handle(left)
  n5.handle(right) -> n6.handle(left) [label="Yes"]
  n5.handle(bottom) -> n7.handle(top) [label="No"]
  n7.handle(right) -> n8.handle(left)
}
"#,
    right: r#"Trip { # Trip
  n1: circle label:"Start"
  n2: rectangle label:"Reserve seat"
  n3: rectangle label:"Reserve room"
  n4: rectangle label:"Ask bank"
  n5: diamond label:"Paid?"
  n6: circle label:"Booked"
  n7: rectangle label:"Free seat"
  n8: circle label:"Not booked"
  n9: rectangle label:"Free room"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
  n2.handle(bottom) -> n7.handle(left) [label="compensated by"]
  n3.handle(right) -> n4.handle(left)
  n3.handle(bottom) -> n9.handle(left) [label="compensated by"]
  n4.handle(right) -> n5.handle(left)
  n5.handle(right) -> n6.handle(left) [label="Yes"]
  n5.handle(bottom) -> n9.handle(top) [label="No"]
  n9.handle(bottom) -> n7.handle(right)
  n7.handle(right) -> n8.handle(left)
}
"#,
};

pub(crate) fn check(model: &Model, course: &Course, sink: &mut Sink) {
    let compensated = compensated_verbs(model);
    if compensated.is_empty() {
        return;
    }
    let failing = Failing::of(model, course);
    let mut budget = Budget::new(MOST_STOPS);
    for &node in course.forward.nodes() {
        if !may_owe(model, node) {
            continue;
        }
        let verb = Phrase::of(&model[node].label.text).verb;
        let Some(&like) = compensated.get(&verb).filter(|_| !announces(model, node, &verb)) else { continue };
        if let Some(walk) = failing.walk(model, node, &mut budget) {
            sink.push(finding(model, node, like).walk(walk));
        }
    }
}

fn may_owe(model: &Model, node: NodeIx) -> bool {
    let node = &model[node];
    let acts = matches!(node.kind, Kind::Step | Kind::Task);
    acts && node.undone_by.is_none() && !node.is_compensation() && !node.may_lack_arrows
}

/// `Book both` before `Book flight` and `Book hotel` says what these do.
fn announces(model: &Model, node: NodeIx, verb: &str) -> bool {
    let does_it =
        |to: NodeIx| model[to].undone_by.is_some() && Phrase::of(&model[to].label.text).verb == verb;
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
    let message = format!("nothing undoes {}, and it may be done when a rollback begins", named(step));
    let help = "draw the step that undoes it, and to that an arrow labelled `compensated by`";
    Finding::new(&RULE, step.id.span, message)
        .help(help)
        .related(like.id.span, format!("{} is undone", named(like)))
}
