use crate::finding::{Finding, Rule, Severity};
use crate::model::{Model, NodeIx};
use crate::rules::wording::named;

/// See `what`.
pub(crate) static RULE: Rule = Rule {
    code: "F412",
    name: "compensation-passed-by",
    severity: Severity::Note,
    what: "Edges lead a run to a compensation, but no path there passes a step that it undoes. It lies in a rollback \
           that undoes other steps, in the right order, so it is skipped there and does no harm.",
    why: "It runs only for what a fault leaves owed, last first. If it is to run on the drawn path in any case, it undoes \
          no step of this flow, and the drawing says something else than it does.",
    wrong: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Charge card"
  n3: diamond label:"Charged?"
  n4: rectangle label:"Send parcel"
  n5: circle label:"Sold"
  n6: rectangle label:"Recall parcel"
  n7: rectangle label:"Refund card"
  n8: circle label:"Not sold"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
  n2.handle(bottom) -> n7.handle(left) [label="compensated by"]
  n3.handle(right) -> n4.handle(left) [label="Yes"]
  n3.handle(bottom) -> n6.handle(top) [label="No"]
  n4.handle(right) -> n5.handle(left)
  n4.handle(bottom) -> n6.handle(left) [label="compensated by"]
  n6.handle(bottom) -> n7.handle(top)
  n7.handle(right) -> n8.handle(left)
}
"#,
    right: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Charge card"
  n3: diamond label:"Charged?"
  n4: rectangle label:"Send parcel"
  n5: circle label:"Sold"
  n6: rectangle label:"Recall parcel"
  n7: rectangle label:"Refund card"
  n8: circle label:"Not sold"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
  n2.handle(bottom) -> n7.handle(left) [label="compensated by"]
  n3.handle(right) -> n4.handle(left) [label="Yes"]
  n3.handle(bottom) -> n7.handle(top) [label="No"]
  n4.handle(right) -> n5.handle(left)
  n4.handle(bottom) -> n6.handle(left) [label="compensated by"]
  n7.handle(right) -> n8.handle(left)
}
"#,
};

/// A compensation that is never owed on the paths that are drawn to it, and belongs there all the same.
/// `compensation-never-owed` decides that.
pub(crate) fn finding(model: &Model, compensation: NodeIx) -> Finding {
    let compensation = &model[compensation];
    let message = format!(
        "{} is skipped on every drawn path, because nothing it undoes is done before",
        named(compensation)
    );
    let help = "it runs when a fault leaves something owed to it; to draw that, lead the rollback past it";
    let finding = Finding::new(&RULE, compensation.id.span, message).help(help);
    compensation.undoes.iter().map(|&step| &model[step]).fold(finding, |finding, step| {
        finding.related(step.id.span, "undone by it, and not done before on a drawn path")
    })
}
