use crate::finding::{Finding, Findings, Rule, Severity};
use crate::rules::RuleContext;
use crate::rules::text::quoted;
use crate::syntax::SyntaxError;

pub(crate) static RULE: Rule = Rule {
    code: "F007",
    name: "node-outside-lane",
    severity: Severity::Error,
    what: "Reports a node outside of all lanes. Arrows and loops may be written anywhere. A node is written \
           in the lane whose service executes it.",
    why: "A lane becomes a trait, and its steps become the methods of that trait. A step without a lane has \
          no trait.",
    wrong: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Pack order"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
}
n3: circle label:"Packed"
"#,
    right: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Pack order"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
  n3: circle label:"Packed"
}
"#,
};

pub(crate) fn check(cx: &RuleContext<'_>, findings: &mut Findings) {
    for error in cx.syntax_errors {
        let SyntaxError::NodeOutsideLane { id } = error else { continue };
        let message = format!("node {} is outside of all lanes", quoted(&id.text));
        findings.push(
            Finding::new(&RULE, id.span, message).help("move it between the `{` and the `}` of its lane"),
        );
    }
}
