use crate::finding::{Finding, Rule, Severity, Sink};
use crate::rules::wording::quoted;
use crate::source::Span;
use crate::syntax::Word;

/// See `what`.
pub(crate) static RULE: Rule = Rule {
    code: "F105",
    name: "missing-lane",
    severity: Severity::Warning,
    what: "An arrow names a node of another lane than the one that it is written in, without the lane's name \
           before the id.",
    why: "flowgen finds the node by its id. Other programs that read the drawing look for it in the lane where \
          the arrow stands, and do not find it.",
    wrong: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Pack order"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
}
Carrier { # Carrier
  n3: circle label:"Picked up"
}
"#,
    right: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Pack order"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> Carrier.n3.handle(left)
}
Carrier { # Carrier
  n3: circle label:"Picked up"
}
"#,
};

/// Reports an id without its lane, which is `right`.
pub(crate) fn report(sink: &mut Sink, id: &Word, right: &str) {
    let message = format!("{} is in another lane, {}", quoted(&id.text), quoted(right));
    let before = Span::new(id.span.start, id.span.start);
    sink.push(
        Finding::new(&RULE, id.span, message)
            .help(format!("write `{right}.{}`", id.text))
            .edit(before, format!("{right}.")),
    );
}
