use crate::finding::{Finding, Rule, Severity, Sink};
use crate::rules::wording::quoted;
use crate::syntax::Word;

/// See `what`.
pub(crate) static RULE: Rule = Rule {
    code: "F411",
    name: "compensated-by-misspelt",
    severity: Severity::Warning,
    what: "The label of an arrow is not quite `compensated by`: `compensate by`, `compensated_by` and the like.",
    why: "flowgen knows what is meant: that the target undoes the source. Other programs that read the drawing take \
          the arrow for one that control follows.",
    wrong: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Charge card"
  n3: circle label:"Sold"
  n4: rectangle label:"Refund card"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
  n2.handle(bottom) -> n4.handle(top) [label="compensate by"]
}
"#,
    right: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Charge card"
  n3: circle label:"Sold"
  n4: rectangle label:"Refund card"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
  n2.handle(bottom) -> n4.handle(top) [label="compensated by"]
}
"#,
};

pub(crate) fn report(sink: &mut Sink, label: &Word) {
    let finding =
        Finding::new(&RULE, label.span, format!("{} is read as `compensated by`", quoted(&label.text)))
            .help("write `compensated by`");
    // A string that is not closed has that to be mended first.
    let is_closed = label.span.end - label.span.start == label.text.len() + 2;
    sink.push(if is_closed { finding.edit(label.span, "\"compensated by\"") } else { finding });
}
