use crate::finding::{Finding, Rule, Severity, Sink};
use crate::rules::wording::quoted;
use crate::syntax::Word;

pub(crate) static RULE: Rule = Rule {
    code: "F007",
    name: "node-outside-lane",
    severity: Severity::Error,
    what: "A node is declared outside of all lanes. Arrows and loops may stand anywhere, a node belongs into \
           the lane whose service does its work.",
    why: "A lane becomes the trait that its steps are methods of. A step without a lane is a method of nothing.",
    wrong: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Pack order"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
}
n3: circle label:"Packed"
"#,
    right: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Pack order"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
  n3: circle label:"Packed"
}
"#,
};

pub(crate) fn report(sink: &mut Sink, id: &Word) {
    let message = format!("node {} stands outside of all lanes", quoted(&id.text));
    sink.push(Finding::new(&RULE, id.span, message).help("move it between the `{` and the `}` of its lane"));
}
