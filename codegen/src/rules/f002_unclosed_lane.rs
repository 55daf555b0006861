use crate::finding::{Finding, Findings, Rule, Severity};
use crate::rules::RuleContext;
use crate::rules::text::quoted;
use crate::syntax::SyntaxError;

pub(crate) static RULE: Rule = Rule {
    code: "F002",
    name: "unclosed-lane",
    severity: Severity::Error,
    what: "Reports a lane without a `}`: the drawing ends, or another lane begins, before the lane is \
           closed. Lanes cannot be nested.",
    why: "The end of a lane decides to which service a step belongs. flowgen assumes that the lane ends \
          where the next one begins, but generates no code from an assumption.",
    wrong: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Sell"
  n1.handle(right) -> n2.handle(left)
  n2.handle(bottom) -> Stock.n3.handle(top) [label="Order"]
Stock { # Stock
  n3: rectangle label:"Pack order"
  n4: circle label:"Packed"
  n3.handle(right) -> n4.handle(left)
}
"#,
    right: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Sell"
  n1.handle(right) -> n2.handle(left)
  n2.handle(bottom) -> Stock.n3.handle(top) [label="Order"]
}
Stock { # Stock
  n3: rectangle label:"Pack order"
  n4: circle label:"Packed"
  n3.handle(right) -> n4.handle(left)
}
"#,
};

pub(crate) fn check(cx: &RuleContext<'_>, findings: &mut Findings) {
    for error in cx.syntax_errors {
        let SyntaxError::UnclosedLane { lane, next } = error else { continue };
        let finding = Finding::new(&RULE, lane.span, format!("unclosed lane {}", quoted(&lane.text)));
        findings.push(match next {
            Some(next) => finding
                .help(format!("write `}}` before lane {}", quoted(&next.text)))
                .related(next.span, "another lane begins here"),
            None => finding.help("write `}` after its last item"),
        });
    }
}
