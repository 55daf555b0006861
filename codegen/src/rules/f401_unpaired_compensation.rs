use crate::finding::{Finding, Findings, Rule, Severity};
use crate::model::ModelError;
use crate::rules::RuleContext;
use crate::rules::text::named;

pub(crate) static RULE: Rule = Rule {
    code: "F401",
    name: "unpaired-compensation",
    severity: Severity::Warning,
    what: "Reports a step on the path of a rollback whose label names an undo, if neither an arrow nor the \
           labels say which step it undoes. The path of a rollback begins at a node or an arrow whose label \
           names a rollback, or at a node from which all paths lead to a drawn compensation.",
    why: "A compensation runs only while its undo is pending. This step is an ordinary one: it runs \
          whenever control reaches it, whether or not there is something to undo, and a fault does not lead \
          to it. Only its label suggests an undo, and words have other senses. If the step is a job of its \
          own, or undoes the work of another flow, nothing is wrong: suppress the finding with `--allow \
          F401` (`#![allow(F401)]` in `flow!`).",
    wrong: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Charge card"
  n3: diamond label:"Charged?"
  n4: circle label:"Sold"
  n5: rectangle label:"Refund invoice"
  n6: circle label:"Not sold"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
  n3.handle(right) -> n4.handle(left) [label="Yes"]
  n3.handle(bottom) -> n5.handle(top) [label="No, roll back"]
  n5.handle(right) -> n6.handle(left)
}
"#,
    right: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Charge card"
  n3: diamond label:"Charged?"
  n4: circle label:"Sold"
  n5: rectangle label:"Refund invoice"
  n6: circle label:"Not sold"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
  n2.handle(bottom) -> n5.handle(left) [label="compensated by"]
  n3.handle(right) -> n4.handle(left) [label="Yes"]
  n3.handle(bottom) -> n5.handle(top) [label="No, roll back"]
  n5.handle(right) -> n6.handle(left)
}
"#,
};

pub(crate) fn check(cx: &RuleContext<'_>, findings: &mut Findings) {
    for error in cx.model_errors {
        let &ModelError::UnpairedCompensation { node } = error else { continue };
        let node = &cx.model[node];
        let message =
            format!("{} names an undo, but the drawing does not say which step it undoes", named(node));
        let (lane, id) = (&cx.model[node.lane].name.text, &node.id.text);
        let help = format!(
            "if it undoes a step of this flow, draw this arrow, with the id of that step for STEP: \
             `STEP.handle(bottom) -> {lane}.{id}.handle(top) [label=\"compensated by\"]`; if it undoes no \
             step of this flow, allow F401: it is an ordinary step that runs whenever control reaches it"
        );
        findings.push(Finding::new(&RULE, node.id.span, message).help(help));
    }
}
