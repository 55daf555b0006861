use crate::finding::{Finding, Rule, Severity, Sink};
use crate::source::Span;

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

/// Reports a separator; `right` is the one that belongs there, `on` what it stands on.
pub(crate) fn report(sink: &mut Sink, separator: Span, right: &'static str, on: &'static str) {
    sink.push(
        Finding::new(&RULE, separator, format!("on {on} this is written with `{right}`"))
            .help(format!("write `{right}`"))
            .edit(separator, right),
    );
}
