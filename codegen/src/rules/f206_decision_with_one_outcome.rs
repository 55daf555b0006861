use crate::finding::{Finding, Findings, Rule, Severity};
use crate::model::Kind;
use crate::rules::RuleContext;
use crate::rules::text::named;

pub(crate) static RULE: Rule = Rule {
    code: "F206",
    name: "decision-with-one-outcome",
    severity: Severity::Error,
    what: "Reports a decision with only one outgoing arrow. Messages, which are labeled `async:`, do not \
           count: they are sent with every outcome.",
    why: "A decision becomes an enum with a variant for each arrow. With one variant there is nothing to \
          decide. Often the arrow for the failure is missing.",
    wrong: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: diamond label:"In stock?"
  n3: circle label:"Sold"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left) [label="Yes"]
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

pub(crate) fn check(cx: &RuleContext<'_>, findings: &mut Findings) {
    for node in &cx.model.nodes {
        let [only] = node.next.as_slice() else { continue };
        if node.kind != Kind::Decision || node.may_lack_arrows {
            continue;
        }
        findings.push(
            Finding::new(&RULE, node.id.span, format!("{} has only one outcome", named(node)))
                .help("draw an arrow for the other outcome, or turn the diamond into a rectangle")
                .related(only.span, "the only arrow that leaves it"),
        );
    }
}
