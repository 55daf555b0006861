use crate::finding::{Finding, Rule, Severity, Sink};
use crate::rules::wording::quoted;
use crate::syntax::Word;

/// See `what`.
pub(crate) static RULE: Rule = Rule {
    code: "F218",
    name: "async-misspelt",
    severity: Severity::Warning,
    what: "The label of an arrow is not quite `async: …`: `async tell`, `async : tell`, `asnyc: tell`, \
           `asynchronous: tell` and the like. It is read as a message.",
    why: "flowgen knows what is meant: that the sender does not wait. Other programs that read the drawing take the \
          arrow for one that control follows.",
    wrong: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Pack order"
  n3: circle label:"Packed"
  n4: rectangle label:"Write to customer"
  n5: circle label:"Written"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
  n2.handle(bottom) -> n4.handle(top) [label="async tell customer"]
  n4.handle(right) -> n5.handle(left)
}
"#,
    right: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Pack order"
  n3: circle label:"Packed"
  n4: rectangle label:"Write to customer"
  n5: circle label:"Written"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
  n2.handle(bottom) -> n4.handle(top) [label="async: tell customer"]
  n4.handle(right) -> n5.handle(left)
}
"#,
};

/// Reports a label that is read as `async:` before `message`.
pub(crate) fn report(sink: &mut Sink, label: &Word, message: &str) {
    let meant = if message.is_empty() { "async:".to_owned() } else { format!("async: {message}") };
    let finding =
        Finding::new(&RULE, label.span, format!("{} is read as {}", quoted(&label.text), quoted(&meant)))
            .help("write `async:` before the name of the message");
    // Not where the string is not closed or has escapes, which the text does not show.
    let is_plain = label.span.end - label.span.start == label.text.len() + 2;
    sink.push(if is_plain { finding.edit(label.span, format!("\"{meant}\"")) } else { finding });
}
