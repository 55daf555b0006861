use crate::finding::{Finding, Findings, Rule, Severity};
use crate::rules::RuleContext;
use crate::syntax::SyntaxError;

pub(crate) static RULE: Rule = Rule {
    code: "F006",
    name: "separator-mixed-up",
    severity: Severity::Warning,
    what: "Reports `=` in an attribute of a node, and `:` in an attribute of an arrow. A node is written \
           `n2: rectangle label:\"Pack order\"`, the label of an arrow `[label=\"Yes\"]`.",
    why: "flowgen accepts both signs. Other programs that read the drawing may drop the label without a \
          message.",
    wrong: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label="Pack order"
  n3: circle label:"Packed"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
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
        let &SyntaxError::WrongSeparator { span, right, on } = error else { continue };
        findings.push(
            Finding::new(&RULE, span, format!("attributes of {on} are written with `{right}`"))
                .help(format!("write `{right}`"))
                .edit(span, right),
        );
    }
}
