use crate::finding::{Finding, Findings, Rule, Severity};
use crate::model::{Misdrawn, ModelError};
use crate::rules::RuleContext;
use crate::rules::text::named;

pub(crate) static RULE: Rule = Rule {
    code: "F404",
    name: "compensation-misdrawn",
    severity: Severity::Error,
    what: "Reports an arrow labeled `compensated by` that does not lead from a step to another step that \
           undoes it: one of its ends is a circle or a diamond, both ends are the same node, or the arrow \
           leaves a compensation.",
    why: "Only a step has an effect to undo, and only a step can undo it. A compensation is not undone in \
          turn: if it faults, it is retried, and then reported as failed. flowgen drops the arrow.",
    wrong: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Charge card"
  n3: diamond label:"Charged?"
  n4: circle label:"Sold"
  n5: rectangle label:"Refund card"
  n6: circle label:"Not sold"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
  n3.handle(right) -> n4.handle(left) [label="Yes"]
  n3.handle(top) -> n6.handle(top) [label="No"]
  n3.handle(bottom) -> n5.handle(top) [label="compensated by"]
}
"#,
    right: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Charge card"
  n3: diamond label:"Charged?"
  n4: circle label:"Sold"
  n5: rectangle label:"Refund card"
  n6: circle label:"Not sold"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
  n3.handle(right) -> n4.handle(left) [label="Yes"]
  n3.handle(top) -> n6.handle(top) [label="No"]
  n2.handle(bottom) -> n5.handle(top) [label="compensated by"]
}
"#,
};

pub(crate) fn check(cx: &RuleContext<'_>, findings: &mut Findings) {
    for error in cx.model_errors {
        let &ModelError::MisdrawnCompensation { span, step, compensation, misdrawn } = error else {
            continue;
        };
        let (step, compensation) = (named(&cx.model[step]), named(&cx.model[compensation]));
        let (message, help) = match misdrawn {
            Misdrawn::NothingToUndo => (
                format!("{step} is not a step, so it has no effect to undo"),
                "draw the arrow from the step whose effect is to be undone",
            ),
            Misdrawn::CannotUndo => (
                format!("{compensation} is not a step, so it cannot undo anything"),
                "draw the arrow to a rectangle or a taskbox",
            ),
            Misdrawn::Itself => (
                format!("{step} cannot undo itself"),
                "draw the step that undoes it, and the arrow to that step",
            ),
            Misdrawn::UndoneUndo => (
                format!("{step} is a compensation, and compensations are not undone"),
                "remove this arrow, or the one that leads to the compensation",
            ),
        };
        findings.push(Finding::new(&RULE, span, message).help(help));
    }
}
