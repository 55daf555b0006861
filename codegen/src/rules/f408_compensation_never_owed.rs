use std::collections::HashSet;

use super::course::Course;
use super::f406_undo_order::misordered;
use super::owing::Owing;
use super::walk::MOST_STOPS;
use crate::finding::{Finding, Rule, Severity, Sink};
use crate::model::budget::Budget;
use crate::model::{Model, Node, NodeIx};
use crate::rules::f305_not_decided;
use crate::rules::f412_compensation_passed_by;
use crate::rules::wording::named;

/// See `what`.
pub(crate) static RULE: Rule = Rule {
    code: "F408",
    name: "compensation-never-owed",
    severity: Severity::Error,
    what: "Edges lead a run to a compensation, but no path there passes a step that it undoes, and it does not belong \
           there: a message's run does the one and the flow that sent it does the other, or the rollback undoes \
           nothing else, or an earlier step before. Faults that lead to the trigger count as paths. Where a compensation \
           only lies in a rollback that undoes later steps first, F412 says that a run passes it by.",
    why: "The compensation is skipped on each of these paths, though the drawing lets a run come there as if it did \
          something. What it was drawn for does not happen, and the run reports that it has rolled back. A message is a \
          run of its own with a ledger of its own, and nothing that it did is owed by the flow that sent it.",
    wrong: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Accept order"
  n3: diamond label:"In stock?"
  n4: circle label:"Sold"
  n5: rectangle label:"Charge card"
  n6: rectangle label:"Refund card"
  n7: circle label:"Not sold"
  n8: circle label:"Charged"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
  n2.handle(bottom) -> n5.handle(top) [label="async: charge"]
  n3.handle(right) -> n4.handle(left) [label="Yes"]
  n3.handle(bottom) -> n6.handle(top) [label="No"]
  n5.handle(right) -> n8.handle(left)
  n5.handle(bottom) -> n6.handle(left) [label="compensated by"]
  n6.handle(right) -> n7.handle(left)
}
"#,
    right: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Accept order"
  n3: diamond label:"In stock?"
  n4: circle label:"Sold"
  n5: rectangle label:"Charge card"
  n6: rectangle label:"Refund card"
  n7: circle label:"Not sold"
  n1.handle(right) -> n2.handle(left)
  n2.handle(bottom) -> n5.handle(top) [label="Charge"]
  n5.handle(right) -> n3.handle(left)
  n3.handle(right) -> n4.handle(left) [label="Yes"]
  n3.handle(bottom) -> n6.handle(top) [label="No"]
  n5.handle(bottom) -> n6.handle(left) [label="compensated by"]
  n6.handle(right) -> n7.handle(left)
}
"#,
};

pub(crate) fn check(model: &Model, course: &Course, sink: &mut Sink) {
    if !model.nodes.iter().any(Node::is_compensation) {
        return;
    }
    let owing = Owing::of(model, course);
    f305_not_decided::report(model, &owing.undecided, "whether there is ever something to undo", sink);
    if owing.never_owed.is_empty() {
        return;
    }
    let out_of_place = OutOfPlace::of(model, course, &owing);
    let mut budget = Budget::new(MOST_STOPS);
    for &node in &owing.never_owed {
        let walks = if owing.flow.leads_to(node) { &owing.flow } else { &owing.messages };
        let walk = walks.stops(model, node, &mut budget);
        let finding = match out_of_place.elsewhere(model, &owing, node) {
            Some(elsewhere) => finding(model, node, elsewhere),
            None => f412_compensation_passed_by::finding(model, node),
        };
        sink.push(finding.walk(walk));
    }
}

/// What tells a compensation that does not belong where it is drawn from one that a run only passes by.
struct OutOfPlace {
    /// By node: a path leads from it to a compensation that is owed there, or the other way round.
    with_others: Vec<bool>,
    misordered: HashSet<NodeIx>,
}

impl OutOfPlace {
    fn of(model: &Model, course: &Course, owing: &Owing) -> Self {
        let others = || owing.owed.iter().chain(&owing.undecided).copied();
        let before = course.control.reversed().reach(others(), |_| true);
        let behind = course.control.reach(others(), |_| true);
        let with_others = before.iter().zip(&behind).map(|(&before, &behind)| before || behind).collect();
        let misordered = misordered(model, course).0.iter().map(|misordered| misordered.then).collect();
        Self { with_others, misordered }
    }

    /// Where the steps of the compensation are done instead, if it does not belong where it is drawn.
    fn elsewhere(&self, model: &Model, owing: &Owing, node: NodeIx) -> Option<&'static str> {
        let is_done = |in_flow: bool| {
            let walks = if in_flow { &owing.flow } else { &owing.messages };
            model[node].undoes.iter().any(|&step| walks.leads_to(step))
        };
        match (owing.flow.leads_to(node), owing.messages.leads_to(node)) {
            (true, false) if !is_done(true) => Some("done behind a message: another run"),
            (false, true) if !is_done(false) => Some("done in the flow: another run"),
            _ if !self.with_others[node.0] || self.misordered.contains(&node) => {
                Some("not done on any path there")
            }
            _ => None,
        }
    }
}

fn finding(model: &Model, compensation: NodeIx, elsewhere: &str) -> Finding {
    let compensation = &model[compensation];
    let message = format!("nothing that {} undoes is ever owed where it is drawn", named(compensation));
    let help = "draw the compensation where a path leads from the step that it undoes; if it is to run on this path in \
                any case, it undoes no step: leave out the edge labelled `compensated by`";
    let mut finding = Finding::new(&RULE, compensation.id.span, message).help(help);
    for &step in &compensation.undoes {
        let step = &model[step];
        finding = finding.related(step.id.span, elsewhere);
    }
    finding
}
