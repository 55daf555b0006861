use crate::finding::{Finding, Findings, Rule, Severity};
use crate::rules::RuleContext;
use crate::rules::text::quoted;
use crate::suggest::closest;
use crate::syntax::{Direction, SyntaxError};

pub(crate) static RULE: Rule = Rule {
    code: "F005",
    name: "unknown-direction",
    severity: Severity::Error,
    what: "Reports an arrow that leaves or enters a node at an unknown side. There are four sides: `left`, \
           `right`, `top` and `bottom`.",
    why: "The arrow cannot be drawn, and the rest of it may be misspelled, too.",
    wrong: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Pack order"
  n3: circle label:"Packed"
  n1.handle(right) -> n2.handle(left)
  n2.handle(down) -> n3.handle(top)
}
"#,
    right: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Pack order"
  n3: circle label:"Packed"
  n1.handle(right) -> n2.handle(left)
  n2.handle(bottom) -> n3.handle(top)
}
"#,
};

pub(crate) fn check(cx: &RuleContext<'_>, findings: &mut Findings) {
    for error in cx.syntax_errors {
        let SyntaxError::UnknownDirection { direction } = error else { continue };
        let message = format!("unknown direction {}", quoted(&direction.text));
        let finding = Finding::new(&RULE, direction.span, message).help("use left, right, top or bottom");
        findings.push(match meant(&direction.text) {
            Some(meant) => finding.edit(direction.span, meant),
            None => finding,
        });
    }
}

fn meant(direction: &str) -> Option<&'static str> {
    match direction {
        "up" => Some("top"),
        "down" => Some("bottom"),
        _ => closest(direction, Direction::ALL.map(Direction::name)),
    }
}
