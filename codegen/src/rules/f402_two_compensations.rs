use crate::finding::{Finding, Rule, Severity, Sink};
use crate::model::{Association, Model, NodeIx};
use crate::rules::wording::named;

/// See `what`.
pub(crate) static RULE: Rule = Rule {
    code: "F402",
    name: "two-compensations",
    severity: Severity::Error,
    what: "Two arrows labelled `compensated by` leave one step.",
    why: "A step is undone once, by one compensation; otherwise nobody could say whether it is undone when one \
          of the two has faulted. The second arrow is left out.",
    wrong: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Charge card"
  n3: circle label:"Sold"
  n4: rectangle label:"Refund card"
  n5: rectangle label:"Send apology"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
  n2.handle(bottom) -> n4.handle(top) [label="compensated by"]
  n2.handle(top) -> n5.handle(bottom) [label="compensated by"]
}
"#,
    right: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Charge card"
  n3: circle label:"Sold"
  n4: rectangle label:"Refund card and apologise"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
  n2.handle(bottom) -> n4.handle(top) [label="compensated by"]
}
"#,
};

/// Reports the association that comes second; `first` is what undoes the step already.
pub(crate) fn report(sink: &mut Sink, model: &Model, second: &Association, first: NodeIx) {
    let (step, first) = (&model[second.step], &model[first]);
    sink.push(
        Finding::new(&RULE, second.span, format!("{} has a compensation already", named(step)))
            .help("let one compensation do both, or make two steps of the one that is undone")
            .related(first.id.span, format!("{} undoes it", named(first))),
    );
}
