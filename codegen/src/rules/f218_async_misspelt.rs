use crate::finding::{Finding, Findings, Rule, Severity};
use crate::model::misspelled_message;
use crate::rules::RuleContext;
use crate::rules::text::quoted;
use crate::syntax::Item;

pub(crate) static RULE: Rule = Rule {
    code: "F218",
    name: "async-misspelt",
    severity: Severity::Warning,
    what: "Reports the label of an arrow that is close to `async: …`: `async tell`, `async : tell`, `asnyc: \
           tell`, `asynchronous: tell` and the like. flowgen reads it as a message.",
    why: "The sender of a message does not wait for it. Other programs that read the drawing take the arrow \
          for an ordinary one.",
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

pub(crate) fn check(cx: &RuleContext<'_>, findings: &mut Findings) {
    for item in cx.drawing.inner_items() {
        let Item::Edge(edge) = item else { continue };
        let Some((label, message)) = misspelled_message(edge) else { continue };
        let meant = if message.is_empty() { "async:".to_owned() } else { format!("async: {message}") };
        let finding =
            Finding::new(&RULE, label.span, format!("{} is read as {}", quoted(&label.text), quoted(&meant)))
                .help("write `async:` before the name of the message");
        // Not if the string is not closed or has escapes, which its text does not show.
        let is_plain = label.span.end - label.span.start == label.text.len() + 2;
        findings.push(if is_plain { finding.edit(label.span, format!("\"{meant}\"")) } else { finding });
    }
}
