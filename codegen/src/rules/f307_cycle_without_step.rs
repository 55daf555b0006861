use crate::finding::{Finding, Findings, Rule, Severity};
use crate::rules::RuleContext;
use crate::rules::text::{named, path_nodes};

pub(crate) static RULE: Rule = Rule {
    code: "F307",
    name: "cycle-without-step",
    severity: Severity::Error,
    what: "Arrows or messages lead in a cycle on which nothing is done and nothing decided: it passes only circles, \
           and compensations that are skipped once nothing is owed. The walk shows the cycle.",
    why: "A run goes over circles at once. It would go round without end, making branches or messages each time; so \
          it faults there.",
    wrong: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Pack order"
  n3: circle label:"Packed"
  n4: circle label:"Told"
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
        let message = format!("a run that comes to {} goes round without doing anything", named(entry));
        findings.push(
            Finding::new(&RULE, entry.id.span, message)
                .help("let something be done or decided on the way round, or leave out the arrow that leads back")
                .path(path_nodes(cx.model, cycle)),
        );
    }
}
