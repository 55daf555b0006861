use crate::finding::{Finding, Findings, Rule, Severity};
use crate::rules::RuleContext;
use crate::rules::text::{named, path_nodes};

pub(crate) static RULE: Rule = Rule {
    code: "F307",
    name: "cycle-without-step",
    severity: Severity::Error,
    what: "Reports a cycle of arrows or messages that contains neither a step nor a decision, only circles, \
           and compensations that are skipped when no undo is pending. The path shows the cycle.",
    why: "A run passes circles without waiting. It would repeat the cycle forever and create branches or \
          messages in each round, so it faults there.",
    wrong: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Pack order"
  n3: circle label:"Packed"
  n4: circle label:"Notified"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
  n2.handle(bottom) -> n4.handle(top) [label="async: packed"]
  n4.handle(right) -> n4.handle(left) [label="async: tell the next"]
  n4.handle(top) -> n3.handle(bottom)
}
"#,
    right: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Pack order"
  n3: circle label:"Packed"
  n4: rectangle label:"Tell who waits"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
  n2.handle(bottom) -> n4.handle(top) [label="async: packed"]
  n4.handle(top) -> n3.handle(bottom)
}
"#,
};

pub(crate) fn check(cx: &RuleContext<'_>, findings: &mut Findings) {
    for cycle in cx.flow.iter().flat_map(|flow| &flow.cycles_without_work) {
        let Some(&entry) = cycle.first() else { continue };
        let entry = &cx.model[entry];
        let message = format!("cycle without a step or a decision: {} leads back to itself", named(entry));
        findings.push(
            Finding::new(&RULE, entry.id.span, message)
                .help("draw a step or a decision in the cycle, or remove the arrow that leads back")
                .path(path_nodes(cx.model, cycle)),
        );
    }
}
