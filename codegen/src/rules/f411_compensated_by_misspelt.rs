use crate::finding::{Finding, Findings, Rule, Severity};
use crate::model::misspelled_undo;
use crate::rules::RuleContext;
use crate::rules::text::quoted;
use crate::syntax::Item;

pub(crate) static RULE: Rule = Rule {
    code: "F411",
    name: "compensated-by-misspelt",
    severity: Severity::Warning,
    what: "Reports the label of an arrow that is close to `compensated by`: `compensate by`, \
           `compensated_by` and the like. flowgen reads it as `compensated by`.",
    why: "The target of the arrow undoes its source. Other programs that read the drawing take the arrow \
          for an ordinary one.",
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

pub(crate) fn check(cx: &RuleContext<'_>, findings: &mut Findings) {
    for item in cx.drawing.inner_items() {
        let Item::Edge(edge) = item else { continue };
        let Some(label) = misspelled_undo(edge) else { continue };
        let message = format!("{} is read as `compensated by`", quoted(&label.text));
        let finding = Finding::new(&RULE, label.span, message).help("write `compensated by`");
        // An unclosed string is fixed first.
        let is_closed = label.span.end - label.span.start == label.text.len() + 2;
        findings.push(if is_closed { finding.edit(label.span, "\"compensated by\"") } else { finding });
    }
}
