use crate::finding::{Finding, Findings, Rule, Severity};
use crate::rules::RuleContext;
use crate::rules::text::quoted;
use crate::syntax::SyntaxError;

pub(crate) static RULE: Rule = Rule {
    code: "F008",
    name: "missing-handle",
    severity: Severity::Warning,
    what: "An arrow does not say at which side of a node it begins or ends. It is written \
           `n1.handle(right) -> n2.handle(left)`.",
    why: "To the code it makes no difference. Other programs that read the drawing may leave the arrow out.",
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
        let message = format!("the arrow does not say at which side of {}", quoted(&node.text));
        findings.push(
            Finding::new(&RULE, node.span, message)
                .help(format!("write `{}{handle}`, or another side", node.text))
                .edit(*place, handle),
        );
    }
}
