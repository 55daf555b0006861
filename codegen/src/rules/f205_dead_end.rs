use crate::finding::{Finding, Findings, Rule, Severity};
use crate::rules::RuleContext;
use crate::rules::text::named;

pub(crate) static RULE: Rule = Rule {
    code: "F205",
    name: "dead-end",
    severity: Severity::Error,
    what: "Reports a step or a decision without an outgoing arrow. Only a circle is an end. A compensation \
           needs no outgoing arrow if only an arrow labeled `compensated by` leads to it. A message starts a \
           run of its own, which has to reach an end, too.",
    why: "A run that reaches the node can neither continue nor end. It faults after all of its work is \
          done.",
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
            format!("no arrow leaves {}", named(node))
        } else {
            format!("only messages leave {}, and a run does not continue with a message", named(node))
        };
        let help = "draw an arrow to the next node, or to a circle for the end of the flow";
        findings.push(Finding::new(&RULE, node.id.span, message).help(help));
    }
}
