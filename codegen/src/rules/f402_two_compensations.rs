use crate::finding::{Finding, Findings, Rule, Severity};
use crate::model::ModelError;
use crate::rules::RuleContext;
use crate::rules::text::named;

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

pub(crate) fn check(cx: &RuleContext<'_>, findings: &mut Findings) {
    for error in cx.model_errors {
        let &ModelError::SecondCompensation { span, step, first } = error else { continue };
        let (step, first) = (&cx.model[step], &cx.model[first]);
        findings.push(
            Finding::new(&RULE, span, format!("{} has a compensation already", named(step)))
                .help("let one compensation do both, or make two steps of the one that is undone")
                .related(first.id.span, format!("{} undoes it", named(first))),
        );
    }
}
