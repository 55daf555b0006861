use crate::finding::{Finding, Findings, Rule, Severity};
use crate::model::ModelError;
use crate::rules::RuleContext;
use crate::rules::text::quoted;

pub(crate) static RULE: Rule = Rule {
    code: "F102",
    name: "duplicate-lane",
    severity: Severity::Error,
    what: "Two lanes have the same name.",
    why: "A lane becomes a trait, and its name is what references use. Two lanes of one name would be two \
          services that nobody can tell apart; flowgen reads them as one.",
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
        let message = format!("a lane {} is there already", quoted(&second.text));
        findings.push(
            Finding::new(&RULE, second.span, message)
                .help("give this lane a name of its own, or move what stands in it into the first")
                .related(cx.model[*first].name.span, "the first lane of that name"),
        );
    }
}
