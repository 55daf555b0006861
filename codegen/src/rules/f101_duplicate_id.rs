use crate::finding::{Finding, Findings, Rule, Severity};
use crate::model::ModelError;
use crate::rules::RuleContext;
use crate::rules::text::{named, quoted};

pub(crate) static RULE: Rule = Rule {
    code: "F101",
    name: "duplicate-id",
    severity: Severity::Error,
    what: "Reports two nodes with the same id. An id is unique in the whole drawing, not only in its lane.",
    why: "An arrow that names the id can mean either node. flowgen takes the first one, so no run ever \
          enters the second.",
    wrong: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Pack order"
  n2: rectangle label:"Label parcel"
  n3: circle label:"Packed"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
}
"#,
    right: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Pack order"
  n3: rectangle label:"Label parcel"
  n4: circle label:"Packed"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
  n3.handle(right) -> n4.handle(left)
}
"#,
};

pub(crate) fn check(cx: &RuleContext<'_>, findings: &mut Findings) {
    for error in cx.model_errors {
        let &ModelError::DuplicateId { first, second } = error else { continue };
        let (first, id) = (&cx.model[first], &cx.model[second].id);
        findings.push(
            Finding::new(&RULE, id.span, format!("duplicate node id {}", quoted(&id.text)))
                .help("give this node another id, and use it in the arrows of this node")
                .related(first.id.span, format!("the id of {}", named(first))),
        );
    }
}
