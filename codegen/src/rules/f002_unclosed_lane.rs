use crate::finding::{Finding, Findings, Rule, Severity};
use crate::rules::RuleContext;
use crate::rules::text::quoted;
use crate::syntax::SyntaxError;

pub(crate) static RULE: Rule = Rule {
    code: "F002",
    name: "unclosed-lane",
    severity: Severity::Error,
    what: "A lane has no `}`: the drawing ends in it, or another lane begins in it. Lanes stand side by \
           side, never in each other.",
    why: "Where a lane ends decides which service a step belongs to. The lane is taken to end where the next \
          one begins, but that is a guess, and code is not built on guesses.",
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
        let finding = Finding::new(&RULE, lane.span, format!("lane {} is not closed", quoted(&lane.text)));
        findings.push(match next {
            Some(next) => finding
                .help(format!("write `}}` before lane {}", quoted(&next.text)))
                .related(next.span, "another lane begins here"),
            None => finding.help("write `}` behind its last item"),
        });
    }
}
