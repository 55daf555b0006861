use crate::finding::{Finding, Findings, Rule, Severity};
use crate::rules::RuleContext;
use crate::rules::text::named;

pub(crate) static RULE: Rule = Rule {
    code: "F205",
    name: "dead-end",
    severity: Severity::Error,
    what: "No arrow leads on from a step or a decision. Only circles are ends. A compensation that no arrow of \
           control leads to may end so. A message is a run of its own, and has to come to an end, too.",
    why: "A run that comes there can neither go on nor say how it ended, and faults after all was done.",
    wrong: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: diamond label:"In stock?"
  n3: circle label:"Sold"
  n4: rectangle label:"Tell customer"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left) [label="Yes"]
  n2.handle(bottom) -> n4.handle(top) [label="No"]
}
"#,
    right: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: diamond label:"In stock?"
  n3: circle label:"Sold"
  n4: rectangle label:"Tell customer"
  n5: circle label:"Not sold"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left) [label="Yes"]
  n2.handle(bottom) -> n4.handle(top) [label="No"]
  n4.handle(right) -> n5.handle(left)
}
"#,
};

pub(crate) fn check(cx: &RuleContext<'_>, findings: &mut Findings) {
    let &RuleContext { model, reachability, .. } = cx;
    for node in model.indices().filter(|&node| reachability.is_dead_end(model, node)) {
        let node = &model[node];
        let message = if node.sends.is_empty() {
            format!("no arrow leads on from {}", named(node))
        } else {
            format!("only messages that nobody waits for lead on from {}", named(node))
        };
        let help = "draw an arrow to what comes next, or to a circle that says how the flow ends";
        findings.push(Finding::new(&RULE, node.id.span, message).help(help));
    }
}
