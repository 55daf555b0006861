use crate::finding::{Finding, Rule, Severity, Sink};
use crate::rules::wording::{nearest, quoted};
use crate::syntax::Attribute;

/// See `what`.
pub(crate) static RULE: Rule = Rule {
    code: "F108",
    name: "unknown-attribute",
    severity: Severity::Warning,
    what: "A node has an attribute other than `label`, `owner`, `description` and `system`, or an arrow one \
           other than `label`.",
    why: "FlowZap Code does not have it, so it means nothing: what it says appears neither in the code nor in \
          its docs.",
    wrong: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: taskbox label:"Pack order" onwer:"Warehouse"
  n3: circle label:"Packed"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
}
"#,
    right: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: taskbox label:"Pack order" owner:"Warehouse"
  n3: circle label:"Packed"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
}
"#,
};

/// Reports the attributes that are none of `known`.
pub(crate) fn check(attributes: &[Attribute], known: &'static [&'static str], sink: &mut Sink) {
    for key in attributes.iter().map(|attribute| &attribute.key) {
        if known.contains(&key.text.as_str()) {
            continue;
        }
        let finding = Finding::new(&RULE, key.span, format!("unknown attribute {}", quoted(&key.text)));
        sink.push(match nearest(&key.text, known.iter().copied()) {
            Some(near) => finding.help(format!("did you mean `{near}`?")).edit(key.span, near),
            None => finding.help(format!("known are {}", known.join(", "))),
        });
    }
}
