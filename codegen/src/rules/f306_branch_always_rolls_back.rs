use crate::analysis::RollbackBranch;
use crate::finding::{Finding, Findings, Rule, Severity};
use crate::rules::RuleContext;
use crate::rules::text::{named, path_nodes};

pub(crate) static RULE: Rule = Rule {
    code: "F306",
    name: "branch-always-rolls-back",
    severity: Severity::Error,
    what: "Reports a branch of a fork that leads nowhere but into a rollback. A fork is a step or a start \
           with several outgoing arrows; a run follows all of them. The path shows the branch.",
    why: "A branch that begins a rollback stops the other branches. Every run that reaches the fork is \
          rolled back, and the nodes after the join never run.",
    wrong: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Charge card"
  n3: rectangle label:"Pack order"
  n4: circle label:"Sold"
  n5: rectangle label:"Refund card"
  n6: circle label:"Not sold"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
  n2.handle(bottom) -> n5.handle(left) [label="compensated by"]
  n2.handle(bottom) -> n5.handle(top)
  n3.handle(right) -> n4.handle(left)
  n5.handle(right) -> n6.handle(left)
}
"#,
    right: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Charge card"
  n3: rectangle label:"Pack order"
  n4: circle label:"Sold"
  n5: rectangle label:"Refund card"
  n6: circle label:"Not sold"
  n7: diamond label:"Charged?"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n7.handle(left)
  n2.handle(bottom) -> n5.handle(left) [label="compensated by"]
  n7.handle(right) -> n3.handle(left) [label="Yes"]
  n7.handle(bottom) -> n5.handle(top) [label="No"]
  n3.handle(right) -> n4.handle(left)
  n5.handle(right) -> n6.handle(left)
}
"#,
};

pub(crate) fn check(cx: &RuleContext<'_>, findings: &mut Findings) {
    for RollbackBranch { fork, path } in cx.flow.iter().flat_map(|flow| &flow.rollback_branches) {
        let fork = &cx.model[*fork];
        let message = format!("a branch of {} always rolls the run back", named(fork));
        findings.push(
            Finding::new(&RULE, fork.id.span, message)
                .help(
                    "draw a decision with one outcome that leads into the rollback, \
                     or label the arrow `compensated by`",
                )
                .path(path_nodes(cx.model, path)),
        );
    }
}
