use crate::finding::{Finding, Rule, Severity, Sink};
use crate::model::{Model, NodeIx};
use crate::rules::wording::named;

/// See `what`.
pub(crate) static RULE: Rule = Rule {
    code: "F401",
    name: "unpaired-compensation",
    severity: Severity::Error,
    what: "A step stands on the way of a rollback and its label says that it undoes something, but neither an \
           arrow nor the labels tell which step that is.",
    why: "A compensation runs only while the step that it undoes is owed an undo. As long as nobody knows \
          which step that is, it would run whether or not there is something to undo.",
    wrong: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Charge card"
  n3: diamond label:"Charged?"
  n4: circle label:"Sold"
  n5: rectangle label:"Refund invoice"
  n6: circle label:"Not sold"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
  n3.handle(right) -> n4.handle(left) [label="Yes"]
  n3.handle(bottom) -> n5.handle(top) [label="No, roll back"]
  n5.handle(right) -> n6.handle(left)
}
"#,
    right: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Charge card"
  n3: diamond label:"Charged?"
  n4: circle label:"Sold"
  n5: rectangle label:"Refund invoice"
  n6: circle label:"Not sold"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
  n2.handle(bottom) -> n5.handle(left) [label="compensated by"]
  n3.handle(right) -> n4.handle(left) [label="Yes"]
  n3.handle(bottom) -> n5.handle(top) [label="No, roll back"]
  n5.handle(right) -> n6.handle(left)
}
"#,
};

pub(crate) fn report(sink: &mut Sink, model: &Model, suspect: NodeIx) {
    let suspect = &model[suspect];
    let message = format!("{} looks like a compensation, but nothing says what it undoes", named(suspect));
    let (lane, id) = (&model[suspect.lane].name.text, &suspect.id.text);
    let help = format!(
        "draw the arrow, with the id of the step that it undoes for STEP: \
         `STEP.handle(bottom) -> {lane}.{id}.handle(top) [label=\"compensated by\"]`"
    );
    sink.push(Finding::new(&RULE, suspect.id.span, message).help(help));
}
