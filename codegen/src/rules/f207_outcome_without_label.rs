use crate::finding::{Finding, Rule, Severity, Sink};
use crate::model::{Kind, Model};
use crate::rules::wording::named;

/// See `what`.
pub(crate) static RULE: Rule = Rule {
    code: "F207",
    name: "outcome-without-label",
    severity: Severity::Error,
    what: "An arrow that leaves a decision has no label.",
    why: "The label is what the code calls the outcome. Without it whoever writes the decision has to guess when \
          this arrow is to be taken.",
    wrong: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: diamond label:"In stock?"
  n3: circle label:"Sold"
  n4: circle label:"Not sold"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left) [label="Yes"]
  n2.handle(bottom) -> n4.handle(left)
}
"#,
    right: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: diamond label:"In stock?"
  n3: circle label:"Sold"
  n4: circle label:"Not sold"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left) [label="Yes"]
  n2.handle(bottom) -> n4.handle(left) [label="No"]
}
"#,
};

pub(crate) fn check(model: &Model, sink: &mut Sink) {
    for decision in model.nodes.iter().filter(|node| node.kind == Kind::Decision && node.next.len() > 1) {
        for arrow in decision.next.iter().filter(|arrow| arrow.label.is_none()) {
            let message = format!("this outcome of {} has no label", named(decision));
            sink.push(
                Finding::new(&RULE, arrow.span, message)
                    .help("say behind the arrow when it is taken: `[label=\"…\"]`")
                    .related(decision.id.span, "the decision"),
            );
        }
    }
}
