use crate::finding::{Finding, Findings, Rule, Severity};
use crate::rules::RuleContext;
use crate::rules::text::named;

pub(crate) static RULE: Rule = Rule {
    code: "F201",
    name: "no-start",
    severity: Severity::Error,
    what: "Reports a drawing without a start, which is a circle with an outgoing arrow and no incoming one.",
    why: "A run begins at a start. Without one, the flow cannot be run.",
    wrong: r#"Shop { # Shop
  n1: rectangle label:"Take order"
  n2: rectangle label:"Pack order"
  n3: circle label:"Packed"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
}
"#,
    right: r#"Shop { # Shop
  n1: circle label:"Order came in"
  n2: rectangle label:"Take order"
  n3: rectangle label:"Pack order"
  n4: circle label:"Packed"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
  n3.handle(right) -> n4.handle(left)
}
"#,
};

pub(crate) fn check(cx: &RuleContext<'_>, findings: &mut Findings) {
    let &RuleContext { model, reachability, .. } = cx;
    let may_have_one = model.incomplete || reachability.has_isolated_circle(model);
    if model.nodes.is_empty() || !model.starts.is_empty() || may_have_one {
        return;
    }
    let first = model.indices().find(|&node| !reachability.is_entered(node) && !model[node].next.is_empty());
    if let Some(first) = first.map(|first| &model[first]) {
        findings.push(Finding::new(&RULE, first.id.span, "the flow has no start").help(format!(
            "no arrow enters {}: draw a circle, and an arrow from it to this node",
            named(first)
        )));
    } else if let Some(lane) = model.lanes.first() {
        findings.push(
            Finding::new(&RULE, lane.name.span, "the flow has no start")
                .help("draw a circle that no arrow enters, and an arrow from it to the first node"),
        );
    }
}
