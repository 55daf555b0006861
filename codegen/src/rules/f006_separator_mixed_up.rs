use crate::finding::{Finding, Findings, Rule, Severity};
use crate::rules::RuleContext;
use crate::syntax::SyntaxError;

pub(crate) static RULE: Rule = Rule {
    code: "F006",
    name: "separator-mixed-up",
    severity: Severity::Warning,
    what: "A node has `=` where `:` belongs, or an arrow has `:` where `=` belongs. It is written \
           `label:\"Pack order\"` on a node and `[label=\"Yes\"]` on an arrow.",
    why: "flowgen knows what is meant. Other programs that read the drawing may leave the label out without \
          a word.",
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
            Finding::new(&RULE, span, format!("on {on} this is written with `{right}`"))
                .help(format!("write `{right}`"))
                .edit(span, right),
        );
    }
}
