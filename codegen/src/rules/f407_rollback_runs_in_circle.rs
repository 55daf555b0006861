use crate::finding::{Finding, Findings, Rule, Severity};
use crate::rules::RuleContext;
use crate::rules::text::{named, path_nodes};

pub(crate) static RULE: Rule = Rule {
    code: "F407",
    name: "rollback-runs-in-circle",
    severity: Severity::Warning,
    what: "Reports a rollback whose arrows form a cycle: no path leads to an end from its trigger, or from \
           its first compensation. The path shows the cycle.",
    why: "A drawn rollback enters no node twice. It stops when it returns to one, the remaining undos run \
          in reverse order, and the run ends as rolled back. The drawing suggests an endless loop instead.",
    wrong: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Charge card"
  n3: diamond label:"In stock?"
  n4: circle label:"Sold"
  n5: rectangle label:"Give up"
  n6: rectangle label:"Refund card"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
  n2.handle(bottom) -> n6.handle(left) [label="compensated by"]
  n3.handle(right) -> n4.handle(left) [label="Yes"]
  n3.handle(bottom) -> n5.handle(top) [label="No"]
  n5.handle(bottom) -> n6.handle(top)
  n6.handle(right) -> n5.handle(right)
}
"#,
    right: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Charge card"
  n3: diamond label:"In stock?"
  n4: circle label:"Sold"
  n5: rectangle label:"Give up"
  n6: rectangle label:"Refund card"
  n7: circle label:"Not sold"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
  n2.handle(bottom) -> n6.handle(left) [label="compensated by"]
  n3.handle(right) -> n4.handle(left) [label="Yes"]
  n3.handle(bottom) -> n5.handle(top) [label="No"]
  n5.handle(bottom) -> n6.handle(top)
  n6.handle(right) -> n7.handle(left)
}
"#,
};

pub(crate) fn check(cx: &RuleContext<'_>, findings: &mut Findings) {
    for cycle in cx.flow.iter().flat_map(|flow| &flow.rollback_cycles) {
        // In a cycle of one node that is also the last one.
        let &[.., last, entry] = cycle.as_slice() else { continue };
        let (last, entry) = (&cx.model[last], &cx.model[entry]);
        let message = format!("the drawn rollback reaches no end, but leads back to {}", named(entry));
        let help = format!(
            "there it stops, and the remaining undos run in reverse order; \
             to draw that, lead the arrow of {} to an end",
            named(last)
        );
        findings
            .push(Finding::new(&RULE, entry.id.span, message).help(help).path(path_nodes(cx.model, cycle)));
    }
}
