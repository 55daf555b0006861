use std::collections::HashMap;

use crate::finding::{Finding, Findings, Rule, Severity};
use crate::model::{Kind, Node};
use crate::rules::RuleContext;
use crate::rules::text::{named, quoted};

pub(crate) static RULE: Rule = Rule {
    code: "F208",
    name: "outcome-label-twice",
    severity: Severity::Error,
    what: "Reports two outcomes of one decision with the same label. Upper and lower case make no \
           difference.",
    why: "Both outcomes would be the same variant of the enum, so the decision could not choose between \
          them.",
    wrong: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: diamond label:"In stock?"
  n3: circle label:"Sold"
  n4: circle label:"Not sold"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left) [label="Yes"]
  n2.handle(bottom) -> n4.handle(left) [label="Yes"]
}
"#,
    right: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: diamond label:"In stock?"
  n3: circle label:"Sold"
  n4: circle label:"Not sold"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left) [label="Yes"]
  n2.handle(bottom) -> n4.handle(left) [label="No"]
}
"#,
};

pub(crate) fn check(cx: &RuleContext<'_>, findings: &mut Findings) {
    for decision in cx.model.nodes.iter().filter(|node| node.kind == Kind::Decision) {
        check_decision(decision, findings);
    }
}

fn check_decision(decision: &Node, findings: &mut Findings) {
    let mut first = HashMap::new();
    for label in decision.next.iter().filter_map(|arrow| arrow.label.as_ref()) {
        let text = label.text.trim();
        let span = *first.entry(text.to_lowercase()).or_insert(label.span);
        if span != label.span {
            let message = format!("duplicate outcome {} of {}", quoted(text), named(decision));
            findings.push(
                Finding::new(&RULE, label.span, message)
                    .help("give each outcome another label")
                    .related(span, "the first outcome with this label"),
            );
        }
    }
}
