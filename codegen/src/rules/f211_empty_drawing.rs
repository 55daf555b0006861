use crate::finding::{Finding, Findings, Rule, Severity};
use crate::rules::RuleContext;
use crate::source::Span;

pub(crate) static RULE: Rule = Rule {
    code: "F211",
    name: "empty-drawing",
    severity: Severity::Error,
    what: "Reports a drawing without lanes, or without nodes in its lanes.",
    why: "There is no flow to generate or to run.",
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
        Some(lane) => Finding::new(&RULE, lane.name.span, "the drawing has no nodes")
            .help("draw a circle for the start, steps, and a circle for the end"),
        None => Finding::new(&RULE, Span::default(), "the drawing has no lanes")
            .help("draw a lane: its name, and its nodes between `{` and `}`"),
    });
}
