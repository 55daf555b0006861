use crate::finding::{Finding, Findings, Rule, Severity};
use crate::model::ModelError;
use crate::rules::RuleContext;
use crate::rules::text::named;

pub(crate) static RULE: Rule = Rule {
    code: "F212",
    name: "loop-over-end",
    severity: Severity::Error,
    what: "Reports a loop that lists an end, which is a circle without an outgoing arrow. flowgen removes \
           the end from the loop.",
    why: "A run that reaches an end is over and repeats nothing. With a way back from it, the circle would \
          not be an end, and the run could not end there.",
    wrong: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Call customer"
  n3: circle label:"Called"
  n4: diamond label:"Reached?"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n4.handle(left)
  n4.handle(right) -> n3.handle(left) [label="Yes"]
  n4.handle(top) -> n2.handle(top) [label="No"]
  loop [up to 3 times] n2 n4 n3
}
"#,
    right: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Call customer"
  n3: circle label:"Called"
  n4: diamond label:"Reached?"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n4.handle(left)
  n4.handle(right) -> n3.handle(left) [label="Yes"]
  n4.handle(top) -> n2.handle(top) [label="No"]
  loop [up to 3 times] n2 n4
}
"#,
};

pub(crate) fn check(cx: &RuleContext<'_>, findings: &mut Findings) {
    for error in cx.model_errors {
        let &ModelError::LoopOverEnd { keyword, end } = error else { continue };
        let end = &cx.model[end];
        let message = format!("this loop lists {}, which is an end", named(end));
        findings.push(
            Finding::new(&RULE, keyword, message)
                .help("list only repeated nodes; if a run continues after the circle, draw the arrow that leaves it")
                .related(end.id.span, "no arrow leaves this circle"),
        );
    }
}
