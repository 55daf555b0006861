use crate::finding::{Finding, Findings, Rule, Severity};
use crate::model::{Kind, Node};
use crate::rules::RuleContext;
use crate::rules::text::named;

pub(crate) static RULE: Rule = Rule {
    code: "F207",
    name: "outcome-without-label",
    severity: Severity::Error,
    what: "Reports an unlabeled arrow out of a decision.",
    why: "The label names the outcome. Without it, the implementer of the decision has to guess when the \
          arrow is taken.",
    wrong: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: diamond label:"In stock?"
  n3: circle label:"Sold"
  n4: circle label:"Not sold"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left) [label="Yes"]
  n2.handle(bottom) -> n4.handle(left)
}
"#,
    right: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: diamond label:"In stock?"
  n3: circle label:"Sold"
  n4: circle label:"Not sold"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left) [label="Yes"]
  n2.handle(bottom) -> n4.handle(left) [label="No"]
}
"#,
};

/// Labels that exclude each other.
const OPPOSITES: [[&str; 2]; 5] =
    [["Yes", "No"], ["yes", "no"], ["YES", "NO"], ["True", "False"], ["true", "false"]];

pub(crate) fn check(cx: &RuleContext<'_>, findings: &mut Findings) {
    for decision in cx.model.nodes.iter().filter(|node| node.kind == Kind::Decision && node.next.len() > 1) {
        let label = only_label(decision);
        for arrow in decision.next.iter().filter(|arrow| arrow.label.is_none()) {
            let message = format!("this outcome of {} has no label", named(decision));
            let finding = Finding::new(&RULE, arrow.span, message).related(decision.id.span, "the decision");
            findings.push(match (label, arrow.unlabeled) {
                (Some(label), Some(place)) => {
                    let label = format!("[label=\"{label}\"]");
                    finding
                        .help(format!("add a label that says when the arrow is taken: `{label}`"))
                        .edit(place, format!(" {label}"))
                }
                _ => finding.help("add a label that says when the arrow is taken: `[label=\"…\"]`"),
            });
        }
    }
}

/// A label for the only outcome without one. `None` if there are several.
fn only_label(decision: &Node) -> Option<&'static str> {
    let labels: Vec<&str> =
        decision.next.iter().filter_map(|arrow| Some(arrow.label.as_ref()?.text.trim())).collect();
    if labels.len() + 1 != decision.next.len() {
        return None;
    }
    let opposite = match labels.as_slice() {
        [label] => OPPOSITES.iter().find_map(|[one, other]| match *label {
            label if label == *one => Some(*other),
            label if label == *other => Some(*one),
            _ => None,
        }),
        _ => None,
    };
    let label = opposite.unwrap_or("Otherwise");
    labels.iter().all(|other| !other.eq_ignore_ascii_case(label)).then_some(label)
}
