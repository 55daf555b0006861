use crate::finding::{Finding, Findings, Rule, Severity};
use crate::graph::Budget;
use crate::model::{Model, NodeIx};
use crate::rules::RuleContext;
use crate::rules::context::LONGEST_PATHS;
use crate::rules::text::{named, path_nodes};

pub(crate) static RULE: Rule = Rule {
    code: "F301",
    name: "no-way-to-end",
    severity: Severity::Error,
    what: "Reports a circle whose only outgoing arrows are messages, if a run can reach it. The circle is \
           not an end, and no path leads from it to one.",
    why: "A message starts a run of its own and does not continue the run that sends it. That run can only \
          fault at the circle, after all of its work is done.",
    wrong: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: diamond label:"In stock?"
  n3: circle label:"Sold"
  n4: circle label:"Not in stock"
  n5: rectangle label:"Tell customer"
  n6: circle label:"Customer knows"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left) [label="Yes"]
  n2.handle(bottom) -> n4.handle(top) [label="No"]
  n4.handle(right) -> n5.handle(left) [label="async: not in stock"]
  n5.handle(right) -> n6.handle(left)
}
"#,
    right: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: diamond label:"In stock?"
  n3: circle label:"Sold"
  n4: circle label:"Not in stock"
  n5: rectangle label:"Tell customer"
  n6: circle label:"Customer knows"
  n7: circle label:"Not sold"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left) [label="Yes"]
  n2.handle(bottom) -> n4.handle(top) [label="No"]
  n4.handle(right) -> n5.handle(left) [label="async: not in stock"]
  n5.handle(right) -> n6.handle(left)
  n4.handle(bottom) -> n7.handle(top)
}
"#,
};

pub(crate) fn check(cx: &RuleContext<'_>, findings: &mut Findings) {
    let (model, Some(flow)) = (cx.model, cx.flow) else { return };
    let forward = &flow.control_flow.forward;
    let mut budget = Budget::new(LONGEST_PATHS);
    for node in model.indices().filter(|&node| is_left_by_messages_only(model, node)) {
        if !forward.leads_to(node) {
            continue;
        }
        let message = format!("no path leads from {} to an end", named(&model[node]));
        findings.push(
            Finding::new(&RULE, model[node].id.span, message)
                .help("only messages leave it: draw an arrow to the next node, or to an end")
                .path(path_nodes(model, &forward.bounded_to(node, &mut budget))),
        );
    }
}

fn is_left_by_messages_only(model: &Model, node: NodeIx) -> bool {
    let node = &model[node];
    node.is_passed() && node.next.is_empty() && !node.sends.is_empty() && !node.may_lack_arrows
}
