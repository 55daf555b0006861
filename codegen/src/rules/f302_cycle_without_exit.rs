use super::circle;
use super::course::{Course, begins_rollback};
use super::f307_cycle_without_step::passes;
use super::walk::stops;
use crate::finding::{Finding, Rule, Severity, Sink};
use crate::model::{Model, NodeIx};
use crate::rules::wording::named;

/// See `what`.
pub(crate) static RULE: Rule = Rule {
    code: "F302",
    name: "cycle-without-exit",
    severity: Severity::Error,
    what: "A run can come into a cycle from which no walk leads to an end or into a rollback. The walk shows the \
           cycle, from the node at which a run enters it.",
    why: "A run that comes there goes round until something faults. A bound on the cycle does not help: past it \
          the run faults.",
    wrong: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: diamond label:"In stock?"
  n3: circle label:"Sold"
  n4: rectangle label:"Order from supplier"
  n5: rectangle label:"Wait for delivery"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left) [label="Yes"]
  n2.handle(bottom) -> n4.handle(top) [label="No"]
  n4.handle(right) -> n5.handle(left)
  n5.handle(bottom) -> n4.handle(bottom)
}
"#,
    right: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: diamond label:"In stock?"
  n3: circle label:"Sold"
  n4: rectangle label:"Order from supplier"
  n5: rectangle label:"Wait for delivery"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left) [label="Yes"]
  n2.handle(bottom) -> n4.handle(top) [label="No"]
  n4.handle(right) -> n5.handle(left)
  n5.handle(top) -> n2.handle(bottom)
}
"#,
};

pub(crate) fn check(model: &Model, course: &Course, sink: &mut Sink) {
    // Without any end, that is what is to be mended, and reported.
    if model.ends.is_empty() {
        return;
    }
    let rolls_back = |node: NodeIx| course.control.next(node).iter().any(|&to| begins_rollback(model, to));
    let is_exit = |node: NodeIx| course.control.next(node).is_empty() || rolls_back(node);
    for circle in circle::without_exit(&course.control, &course.forward, is_exit) {
        // Where nothing is done on the way round, that is what is to be mended, and reported.
        if !circle.iter().all(|&node| passes(&model[node])) {
            report(model, &circle, sink);
        }
    }
}

fn report(model: &Model, circle: &[NodeIx], sink: &mut Sink) {
    let Some(&entry) = circle.first() else { return };
    let message = format!("no way leads out of the cycle that a run enters at {}", named(&model[entry]));
    sink.push(
        Finding::new(&RULE, model[entry].id.span, message)
            .help("draw an arrow that leads from one of its nodes towards an end, from a decision if it is to go round at all")
            .walk(stops(model, circle)),
    );
}
