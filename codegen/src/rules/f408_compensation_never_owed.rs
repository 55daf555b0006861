use super::course::Course;
use super::walk::{MOST_STOPS, Walks};
use crate::finding::{Finding, Rule, Severity, Sink};
use crate::model::budget::Budget;
use crate::model::compensation::{sent, trigger_of_faults};
use crate::model::{Model, NodeIx};
use crate::rules::wording::named;

/// See `what`.
pub(crate) static RULE: Rule = Rule {
    code: "F408",
    name: "compensation-never-owed",
    severity: Severity::Error,
    what: "The arrows lead a run to a compensation, but never to a step that it undoes: a message's run does the \
           one and the flow that sent it does the other.",
    why: "A message is a run of its own with a ledger of its own, and nothing that it did is owed by the flow \
          that sent it. The compensation would be skipped each time, and what it was drawn to undo would stay.",
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
    let sent = sent(model);
    if sent.is_empty() {
        return;
    }
    let roots = model.starts.iter().copied().chain(trigger_of_faults(model));
    let flow = Walks::from(roots, &course.control, |_| true);
    let messages = Walks::from(sent, &course.control, |_| true);
    let mut budget = Budget::new(MOST_STOPS);
    for node in model.indices().filter(|&node| model[node].is_compensation()) {
        let done_in = |runs: &Walks| model[node].undoes.iter().any(|&step| runs.leads_to(step));
        let (walks, elsewhere) = match (done_in(&flow), done_in(&messages)) {
            (false, true) if !messages.leads_to(node) => (&flow, "done behind a message: another run"),
            (true, false) if !flow.leads_to(node) => (&messages, "done in the flow: another run"),
            _ => continue,
        };
        // Where no arrow leads to it, it runs only for what is owed.
        if walks.leads_to(node) {
            sink.push(finding(model, node, elsewhere).walk(walks.stops(model, node, &mut budget)));
        }
    }
}

fn finding(model: &Model, compensation: NodeIx, elsewhere: &str) -> Finding {
    let compensation = &model[compensation];
    let message = format!("nothing that {} undoes is ever owed where it is drawn", named(compensation));
    let help = "draw the step and its compensation in one run: wait for the step, or undo it where the message leads";
    let mut finding = Finding::new(&RULE, compensation.id.span, message).help(help);
    for &step in &compensation.undoes {
        let step = &model[step];
        finding = finding.related(step.id.span, elsewhere);
    }
    finding
}
