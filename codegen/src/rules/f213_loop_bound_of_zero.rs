use crate::finding::{Finding, Rule, Severity, Sink};
use crate::rules::wording::quoted;
use crate::syntax::Word;

/// See `what`.
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

pub(crate) fn report(sink: &mut Sink, text: &Word) {
    sink.push(
        Finding::new(&RULE, text.span, format!("{} bounds nothing", quoted(&text.text)))
            .help("write how many passes a run may make, 1 or more, or until when it goes round"),
    );
}
