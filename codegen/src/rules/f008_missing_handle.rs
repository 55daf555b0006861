use crate::finding::{Finding, Findings, Rule, Severity};
use crate::rules::RuleContext;
use crate::rules::text::quoted;
use crate::syntax::SyntaxError;

pub(crate) static RULE: Rule = Rule {
    code: "F008",
    name: "missing-handle",
    severity: Severity::Warning,
    what: "Reports an arrow without the side at which it leaves or enters a node. An arrow is written \
           `n1.handle(right) -> n2.handle(left)`.",
    why: "The generated code does not depend on the sides. Other programs that read the drawing may drop \
          the arrow.",
    wrong: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Pack order"
  n3: circle label:"Packed"
  n1.handle(right) -> n2.handle(left)
  n2 -> n3.handle(left)
}
"#,
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
    for error in cx.syntax_errors {
        let SyntaxError::MissingHandle { node, place, usual } = error else { continue };
        let handle = format!(".handle({})", usual.name());
        let message = format!("missing `.handle(…)` after {}", quoted(&node.text));
        findings.push(
            Finding::new(&RULE, node.span, message)
                .help(format!("write `{}{handle}`, or another side", node.text))
                .edit(*place, handle),
        );
    }
}
