use crate::finding::{Finding, Rule, Severity, Sink};
use crate::rules::wording::quoted;
use crate::syntax::Word;

/// See `what`.
pub(crate) static RULE: Rule = Rule {
    code: "F104",
    name: "wrong-lane",
    severity: Severity::Warning,
    what: "What stands before the dot is not the name of the lane that the node is declared in.",
    why: "flowgen finds the node by its id. Other programs that read the drawing may not find it, and people \
          look for it in the wrong lane.",
    wrong: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Pack order"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> Shop.n3.handle(left)
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

/// Reports the lane that is written before an id; the node stands in the lane `right`.
pub(crate) fn report(sink: &mut Sink, written: &Word, id: &Word, right: &str) {
    let message = format!("{} is not in a lane {}", quoted(&id.text), quoted(&written.text));
    sink.push(
        Finding::new(&RULE, written.span, message)
            .help(format!("it is declared in {}", quoted(right)))
            .edit(written.span, right),
    );
}
