use crate::finding::{Finding, Findings, Rule, Severity};
use crate::rules::RuleContext;
use crate::source::Span;

pub(crate) static RULE: Rule = Rule {
    code: "F211",
    name: "empty-drawing",
    severity: Severity::Error,
    what: "The drawing has no lanes, or no nodes in them.",
    why: "There is no flow, so there is nothing to generate and nothing to run.",
    wrong: "Shop { # Shop\n}\n",
    right: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Pack order"
  n3: circle label:"Packed"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
}
"#,
};

pub(crate) fn check(cx: &RuleContext<'_>, findings: &mut Findings) {
    if cx.model.incomplete || !cx.model.nodes.is_empty() {
        return;
    }
    findings.push(match cx.model.lanes.first() {
        Some(lane) => Finding::new(&RULE, lane.name.span, "nothing is drawn in the lanes")
            .help("draw a circle to start from, steps, and a circle to end at"),
        None => Finding::new(&RULE, Span::default(), "nothing is drawn here")
            .help("draw a lane: its name, and its nodes between `{` and `}`"),
    });
}
