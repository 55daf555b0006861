use crate::finding::{Finding, Findings, Rule, Severity};
use crate::model::ModelError;
use crate::rules::RuleContext;
use crate::rules::text::quoted;

pub(crate) static RULE: Rule = Rule {
    code: "F102",
    name: "duplicate-lane",
    severity: Severity::Error,
    what: "Reports two lanes with the same name.",
    why: "A lane becomes a trait with this name, and arrows refer to the lane by it. Two lanes with one \
          name cannot be distinguished, so flowgen merges them.",
    wrong: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Pack order"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
}
Shop { # Warehouse
  n3: circle label:"Packed"
}
"#,
    right: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Pack order"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> Warehouse.n3.handle(left)
}
Warehouse { # Warehouse
  n3: circle label:"Packed"
}
"#,
};

pub(crate) fn check(cx: &RuleContext<'_>, findings: &mut Findings) {
    for error in cx.model_errors {
        let ModelError::DuplicateLane { first, second } = error else { continue };
        let message = format!("duplicate lane name {}", quoted(&second.text));
        findings.push(
            Finding::new(&RULE, second.span, message)
                .help("rename this lane, or move its nodes into the first one")
                .related(cx.model[*first].name.span, "the first lane with this name"),
        );
    }
}
