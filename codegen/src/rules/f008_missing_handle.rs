use crate::finding::{Finding, Rule, Severity, Sink};
use crate::rules::wording::quoted;
use crate::source::Span;
use crate::syntax::{Direction, Word};

pub(crate) static RULE: Rule = Rule {
    code: "F008",
    name: "missing-handle",
    severity: Severity::Warning,
    what: "An arrow does not say at which side of a node it begins or ends. It is written \
           `n1.handle(right) -> n2.handle(left)`.",
    why: "To the code it makes no difference. Other programs that read the drawing may leave the arrow out.",
    wrong: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Pack order"
  n3: circle label:"Packed"
  n1.handle(right) -> n2.handle(left)
  n2 -> n3.handle(left)
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

/// Reports that the handle of `node` is missing. It belongs where `place` is; `usual` is the side
/// that most arrows have there.
pub(crate) fn report(sink: &mut Sink, node: &Word, place: Span, usual: Direction) {
    let handle = format!(".handle({})", usual.name());
    sink.push(
        Finding::new(
            &RULE,
            node.span,
            format!("the arrow does not say at which side of {}", quoted(&node.text)),
        )
        .help(format!("write `{}{handle}`, or another side", node.text))
        .edit(place, handle),
    );
}
