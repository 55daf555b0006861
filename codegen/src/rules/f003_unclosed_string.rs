use crate::finding::{Finding, Findings, Rule, Severity};
use crate::rules::RuleContext;
use crate::source::Span;
use crate::syntax::SyntaxError;

pub(crate) static RULE: Rule = Rule {
    code: "F003",
    name: "unclosed-string",
    severity: Severity::Error,
    what: "Reports a string whose line ends before its closing quote. A quote within a string is written \
           `\\\"`.",
    why: "The rest of the line becomes part of the string, so a label, an owner or an arrow may be missing.",
    wrong: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Pack order
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
        let &SyntaxError::UnclosedString { span, end } = error else { continue };
        findings.push(
            Finding::new(&RULE, span, "unclosed string")
                .help("write `\"` at the end of the string")
                .edit(Span::new(end, end), "\""),
        );
    }
}
