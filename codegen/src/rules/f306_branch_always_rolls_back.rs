use crate::analysis::RollbackBranch;
use crate::finding::{Finding, Findings, Rule, Severity};
use crate::rules::RuleContext;
use crate::rules::text::{named, path_nodes};

pub(crate) static RULE: Rule = Rule {
    code: "F306",
    name: "branch-always-rolls-back",
    severity: Severity::Error,
    what: "Several arrows leave a step or a start, so that all branches run, and one of them leads nowhere but into \
           a rollback. The walk shows that branch.",
    why: "A branch that comes to a rollback stops the others. So every run is rolled back there, and nothing \
          behind the node where the branches would meet is ever done.",
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
        let message = format!("a branch that leaves {} always rolls the run back", named(fork));
        findings.push(
            Finding::new(&RULE, fork.id.span, message)
                .help("draw a decision from which one way leads to the rollback, or label the arrow `compensated by`")
                .path(path_nodes(cx.model, path)),
        );
    }
}
