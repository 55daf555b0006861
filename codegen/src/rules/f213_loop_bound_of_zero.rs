use crate::finding::{Finding, Findings, Rule, Severity};
use crate::model::BoundReading;
use crate::rules::RuleContext;
use crate::rules::text::quoted;

pub(crate) static RULE: Rule = Rule {
    code: "F213",
    name: "loop-bound-of-zero",
    severity: Severity::Warning,
    what: "The text of a loop says that it is walked 0 times at most. That is no bound, so the loop has none.",
    why: "A node is visited before anybody can ask whether it is to be repeated. Who wrote 0 expects runs to stop \
          that go round instead, as often as the decision in the loop says.",
    wrong: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Call customer"
  n3: diamond label:"Reached?"
  n4: circle label:"Called"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
  n3.handle(right) -> n4.handle(left) [label="Yes"]
  n3.handle(top) -> n2.handle(top) [label="No"]
  loop [max 0] n2 n3
}
"#,
    right: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Call customer"
  n3: diamond label:"Reached?"
  n4: circle label:"Called"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
  n3.handle(right) -> n4.handle(left) [label="Yes"]
  n3.handle(top) -> n2.handle(top) [label="No"]
  loop [max 1] n2 n3
}
"#,
};

pub(crate) fn check(cx: &RuleContext<'_>, findings: &mut Findings) {
    for drawn in cx.model.loops.iter().filter(|drawn| drawn.reading == BoundReading::Zero) {
        let message = format!("{} bounds nothing", quoted(&drawn.text.text));
        findings.push(
            Finding::new(&RULE, drawn.text.span, message)
                .help("write how many passes a run may make, 1 or more, or until when it goes round"),
        );
    }
}
