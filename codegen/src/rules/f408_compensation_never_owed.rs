use crate::analysis::{NeverOwed, NeverOwedReason};
use crate::finding::{Finding, Findings, Rule, Severity};
use crate::rules::RuleContext;
use crate::rules::text::{named, path_nodes};

pub(crate) static RULE: Rule = Rule {
    code: "F408",
    name: "compensation-never-owed",
    severity: Severity::Error,
    what: "Edges lead a run to a compensation, but no path there passes a step that it undoes, and it does not belong \
           there: a message's run does the one and the flow that sent it does the other, or the rollback undoes \
           nothing else, or an earlier step before. Faults that lead to the trigger count as paths. Where a compensation \
           only lies in a rollback that undoes later steps first, F412 says that a run passes it by.",
    why: "The compensation is skipped on each of these paths, though the drawing lets a run come there as if it did \
          something. What it was drawn for does not happen, and the run reports that it has rolled back. A message is a \
          run of its own with a ledger of its own, and nothing that it did is owed by the flow that sent it.",
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
            NeverOwedReason::StepsInMessages => "done behind a message: another run",
            NeverOwedReason::StepsInFlow => "done in the flow: another run",
            NeverOwedReason::NoPathFromSteps => "not done on any path there",
            NeverOwedReason::PassedBy => continue,
        };
        let compensation = &cx.model[*node];
        let message = format!("nothing that {} undoes is ever owed where it is drawn", named(compensation));
        let help = "draw the compensation where a path leads from the step that it undoes; if it is to run on this path in \
                    any case, it undoes no step: leave out the edge labelled `compensated by`";
        let mut finding =
            Finding::new(&RULE, compensation.id.span, message).help(help).path(path_nodes(cx.model, path));
        for &step in &compensation.undoes {
            finding = finding.related(cx.model[step].id.span, elsewhere);
        }
        findings.push(finding);
    }
}
