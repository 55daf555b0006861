use crate::analysis::{NeverOwed, NeverOwedReason};
use crate::finding::{Finding, Findings, Rule, Severity};
use crate::rules::RuleContext;
use crate::rules::text::{named, path_nodes};

pub(crate) static RULE: Rule = Rule {
    code: "F412",
    name: "compensation-passed-by",
    severity: Severity::Note,
    what: "Reports a compensation that is always skipped in a drawn rollback: no path to it passes a step \
           that it undoes. It is part of a rollback that undoes other steps, in the right order, so skipping \
           it does no harm.",
    why: "It runs only for an undo that is pending after a fault, in reverse order. If it is to run on the \
          drawn path in any case, it undoes no step of this flow, and the drawing is misleading.",
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

pub(crate) fn check(cx: &RuleContext<'_>, findings: &mut Findings) {
    let never_owed = cx.flow.iter().flat_map(|flow| &flow.never_owed);
    for NeverOwed { node, path, .. } in
        never_owed.filter(|never_owed| never_owed.reason == NeverOwedReason::PassedBy)
    {
        let compensation = &cx.model[*node];
        let message = format!(
            "{} is skipped on every drawn path, because no step that it undoes runs before",
            named(compensation)
        );
        let help =
            "it runs if its undo is pending after a fault; to draw only that, lead the rollback around it";
        let mut finding =
            Finding::new(&RULE, compensation.id.span, message).help(help).path(path_nodes(cx.model, path));
        for &step in &compensation.undoes {
            let text = "undone by it, and on no drawn path before it";
            finding = finding.related(cx.model[step].id.span, text);
        }
        findings.push(finding);
    }
}
