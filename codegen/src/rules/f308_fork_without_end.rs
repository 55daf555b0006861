use crate::finding::{Finding, Findings, Rule, Severity};
use crate::rules::RuleContext;
use crate::rules::text::{named, path_nodes};

pub(crate) static RULE: Rule = Rule {
    code: "F308",
    name: "fork-without-end",
    severity: Severity::Error,
    what: "Reports a branch of a fork that always leads back to the fork, whatever the decisions on its path \
           return. A fork needs all of its branches to finish, so a run that reaches it never ends. The path \
           shows the way back.",
    why: "A run follows all arrows that leave a step or a start. In each round the fork starts all of its \
          branches again, and one of them returns to it. Often one of the arrows was meant as an \
          alternative.",
    wrong: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Order from supplier"
  n3: rectangle label:"Check delivery"
  n4: rectangle label:"Pack order"
  n5: circle label:"Packed"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
  n3.handle(right) -> n4.handle(left)
  n3.handle(top) -> n2.handle(top)
  n4.handle(right) -> n5.handle(left)
}
"#,
    right: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Order from supplier"
  n3: rectangle label:"Check delivery"
  n4: rectangle label:"Pack order"
  n5: circle label:"Packed"
  n6: diamond label:"Complete?"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
  n3.handle(right) -> n6.handle(left)
  n6.handle(right) -> n4.handle(left) [label="Yes"]
  n6.handle(top) -> n2.handle(top) [label="No"]
  n4.handle(right) -> n5.handle(left)
}
"#,
};

pub(crate) fn check(cx: &RuleContext<'_>, findings: &mut Findings) {
    for cycle in cx.flow.iter().flat_map(|flow| &flow.endless_forks) {
        let &[fork, branch, ..] = cycle.as_slice() else { continue };
        let message = format!(
            "no run that reaches {} ends: the branch that begins at {} always leads back",
            named(&cx.model[fork]),
            named(&cx.model[branch]),
        );
        findings.push(
            Finding::new(&RULE, cx.model[fork].id.span, message)
                .help(
                    "a run follows all of its arrows; if only one of them is to be followed, \
                     draw a decision with one outcome that leads back",
                )
                .path(path_nodes(cx.model, cycle)),
        );
    }
}
