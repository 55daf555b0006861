use crate::finding::{Finding, Findings, Rule, Severity};
use crate::rules::RuleContext;
use crate::rules::text::quoted;
use crate::suggest::closest;
use crate::syntax::{Attribute, Edge, Item, Node};

pub(crate) static RULE: Rule = Rule {
    code: "F108",
    name: "unknown-attribute",
    severity: Severity::Warning,
    what: "Reports an attribute of a node other than `label`, `owner`, `description` and `system`, and an \
           attribute of an arrow other than `label`.",
    why: "FlowZap Code does not define the attribute. flowgen ignores it: its value appears neither in the \
          code nor in the docs of the code.",
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

pub(crate) fn check(cx: &RuleContext<'_>, findings: &mut Findings) {
    for item in cx.drawing.inner_items() {
        match item {
            Item::Node(node) => check_attributes(&node.attributes, &Node::KEYS, findings),
            Item::Edge(edge) => check_attributes(&edge.attributes, &Edge::KEYS, findings),
            Item::Lane(_) | Item::Loop(_) | Item::Comment(_) => {}
        }
    }
}

fn check_attributes(attributes: &[Attribute], known: &[&str], findings: &mut Findings) {
    for key in attributes.iter().map(|attribute| &attribute.key) {
        if known.contains(&key.text.as_str()) {
            continue;
        }
        let finding = Finding::new(&RULE, key.span, format!("unknown attribute {}", quoted(&key.text)));
        findings.push(match closest(&key.text, known.iter().copied()) {
            Some(near) => finding.help(format!("did you mean `{near}`?")).edit(key.span, near),
            None => finding.help(format!("known attributes: {}", known.join(", "))),
        });
    }
}
