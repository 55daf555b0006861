use crate::finding::{Finding, Findings, Rule, Severity};
use crate::rules::RuleContext;
use crate::rules::text::named;

pub(crate) static RULE: Rule = Rule {
    code: "F409",
    name: "several-triggers",
    severity: Severity::Warning,
    what: "Reports a drawing in which several steps are rollback triggers: all of their arrows lead to \
           compensations. Steps in the middle of a rollback, after a compensation, do not count.",
    why: "A fault leads to the trigger if there is exactly one. If there are several, it leads to none of \
          them: pending undos run in reverse order, without the work of the triggers.",
    wrong: r#"Trip { # Trip
  n1: circle label:"Start"
  n2: rectangle label:"Reserve seat"
  n3: diamond label:"Seat reserved?"
  n4: diamond label:"Paid?"
  n5: circle label:"Booked"
  n6: rectangle label:"Note that it is full"
  n7: rectangle label:"Note that it is unpaid"
  n8: rectangle label:"Free seat"
  n9: circle label:"Not booked"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
  n2.handle(bottom) -> n8.handle(left) [label="compensated by"]
  n3.handle(right) -> n4.handle(left) [label="Yes"]
  n3.handle(bottom) -> n6.handle(top) [label="No"]
  n4.handle(right) -> n5.handle(left) [label="Yes"]
  n4.handle(bottom) -> n7.handle(top) [label="No"]
  n6.handle(bottom) -> n8.handle(top)
  n7.handle(bottom) -> n8.handle(right)
  n8.handle(bottom) -> n9.handle(top)
}
"#,
    right: r#"Trip { # Trip
  n1: circle label:"Start"
  n2: rectangle label:"Reserve seat"
  n3: diamond label:"Seat reserved?"
  n4: diamond label:"Paid?"
  n5: circle label:"Booked"
  n6: rectangle label:"Note why not"
  n7: rectangle label:"Free seat"
  n8: circle label:"Not booked"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
  n2.handle(bottom) -> n7.handle(left) [label="compensated by"]
  n3.handle(right) -> n4.handle(left) [label="Yes"]
  n3.handle(bottom) -> n6.handle(top) [label="No"]
  n4.handle(right) -> n5.handle(left) [label="Yes"]
  n4.handle(bottom) -> n6.handle(right) [label="No"]
  n6.handle(bottom) -> n7.handle(top)
  n7.handle(bottom) -> n8.handle(top)
}
"#,
};

pub(crate) fn check(cx: &RuleContext<'_>, findings: &mut Findings) {
    let Some(flow) = cx.flow else { return };
    let &[first, second, ref others @ ..] = flow.entry_triggers.as_slice() else { return };
    let message = format!(
        "{} steps are rollback triggers, so a fault leads to none of them",
        flow.entry_triggers.len()
    );
    let finding = Finding::new(&RULE, cx.model[second].id.span, message)
        .help("lead all paths into the rollback through one of them");
    let others = [first].into_iter().chain(others.iter().copied()).map(|other| &cx.model[other]);
    findings.push(others.fold(finding, |finding, other| {
        finding.related(other.id.span, format!("{} leads only to compensations, too", named(other)))
    }));
}
