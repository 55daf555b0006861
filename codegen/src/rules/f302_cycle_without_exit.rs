use crate::finding::{Finding, Findings, Rule, Severity};
use crate::rules::RuleContext;
use crate::rules::text::{named, path_nodes};

pub(crate) static RULE: Rule = Rule {
    code: "F302",
    name: "cycle-without-exit",
    severity: Severity::Error,
    what: "Reports a cycle that a run can enter, if no path leads from it to an end or into a rollback. The \
           path shows the cycle, from the node at which a run enters it.",
    why: "A run that enters the cycle repeats it until a step faults. A bound does not help: the run faults \
          when it exceeds the bound.",
    wrong: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: diamond label:"In stock?"
  n3: circle label:"Sold"
  n4: rectangle label:"Order from supplier"
  n5: rectangle label:"Wait for delivery"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left) [label="Yes"]
  n2.handle(bottom) -> n4.handle(top) [label="No"]
  n4.handle(right) -> n5.handle(left)
  n5.handle(bottom) -> n4.handle(bottom)
}
"#,
    right: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: diamond label:"In stock?"
  n3: circle label:"Sold"
  n4: rectangle label:"Order from supplier"
  n5: rectangle label:"Wait for delivery"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left) [label="Yes"]
  n2.handle(bottom) -> n4.handle(top) [label="No"]
  n4.handle(right) -> n5.handle(left)
  n5.handle(top) -> n2.handle(bottom)
}
"#,
};

pub(crate) fn check(cx: &RuleContext<'_>, findings: &mut Findings) {
    for cycle in cx.flow.iter().flat_map(|flow| &flow.cycles_without_exit) {
        let Some(&entry) = cycle.first() else { continue };
        let entry = &cx.model[entry];
        findings.push(
            Finding::new(
                &RULE,
                entry.id.span,
                format!("cycle without exit: no path leads out of it from {}", named(entry)),
            )
            .help("draw an arrow out of the cycle, towards an end; if the cycle is to repeat, draw it from a decision")
            .path(path_nodes(cx.model, cycle)),
        );
    }
}
