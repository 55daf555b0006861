use crate::finding::{Finding, Findings, Rule, Severity};
use crate::model::ModelError;
use crate::rules::RuleContext;
use crate::rules::text::named;

pub(crate) static RULE: Rule = Rule {
    code: "F402",
    name: "two-compensations",
    severity: Severity::Error,
    what: "Reports a step with two outgoing arrows labeled `compensated by`.",
    why: "A step is undone once, by one compensation. With two, the step would be neither done nor undone \
          after one of them faults. flowgen drops the second arrow.",
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
            Finding::new(&RULE, span, format!("second compensation of {}", named(step)))
                .help("merge the two compensations, or split the step into two")
                .related(first.id.span, format!("{} undoes it already", named(first))),
        );
    }
}
