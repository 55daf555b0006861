use crate::analysis::{NeverOwed, NeverOwedReason};
use crate::finding::{Finding, Findings, Rule, Severity};
use crate::rules::RuleContext;
use crate::rules::text::{named, path_nodes};

pub(crate) static RULE: Rule = Rule {
    code: "F408",
    name: "compensation-never-owed",
    severity: Severity::Error,
    what: "Reports a compensation in the wrong place: arrows lead to it, but no path to it passes a step \
           that it undoes, and either the two belong to different runs, because one of them is part of a \
           message, or the rollback undoes no other step, or it undoes an earlier step first. A fault that \
           leads to the trigger counts as a path. If the rollback undoes later steps first, F412 is reported \
           instead.",
    why: "The compensation is skipped on each of these paths, although the drawing suggests that it runs. \
          Its step is not undone, and the run reports that it has rolled back. A message is a run of its \
          own with a ledger of its own, so the flow that sent it has no pending undos for its steps.",
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

pub(crate) fn check(cx: &RuleContext<'_>, findings: &mut Findings) {
    for NeverOwed { node, path, reason } in cx.flow.iter().flat_map(|flow| &flow.never_owed) {
        let elsewhere = match reason {
            NeverOwedReason::StepsInMessages => "part of a message, which is another run",
            NeverOwedReason::StepsInFlow => "part of the flow, which is another run",
            NeverOwedReason::NoPathFromSteps => "on no path to the compensation",
            NeverOwedReason::PassedBy => continue,
        };
        let compensation = &cx.model[*node];
        let message = format!("{} never has a pending undo where it is drawn", named(compensation));
        let help = "draw the compensation where a path leads from the step that it undoes; if it is to run on this path in \
                    any case, it undoes no step: remove the arrow labeled `compensated by`";
        let mut finding =
            Finding::new(&RULE, compensation.id.span, message).help(help).path(path_nodes(cx.model, path));
        for &step in &compensation.undoes {
            finding = finding.related(cx.model[step].id.span, elsewhere);
        }
        findings.push(finding);
    }
}
