use crate::finding::{Finding, Findings, Rule, Severity};
use crate::rules::RuleContext;
use crate::rules::text::{named, path_nodes};

pub(crate) static RULE: Rule = Rule {
    code: "F303",
    name: "fork-never-joins",
    severity: Severity::Error,
    what: "Reports a fork whose branches never join: each reaches an end of its own. A fork is a step or a \
           start with several outgoing arrows; a run follows all of them.",
    why: "A flow ends once, with one result. When the first branch reaches its end, the others still run, \
          so the result depends on which branch is the last.",
    wrong: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Accept order"
  n3: rectangle label:"Pack order"
  n4: rectangle label:"Write invoice"
  n5: circle label:"Packed"
  n6: circle label:"Invoiced"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
  n2.handle(bottom) -> n4.handle(top)
  n3.handle(right) -> n5.handle(left)
  n4.handle(right) -> n6.handle(left)
}
"#,
    right: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Accept order"
  n3: rectangle label:"Pack order"
  n4: rectangle label:"Write invoice"
  n5: circle label:"Packed and invoiced"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
  n2.handle(bottom) -> n4.handle(top)
  n3.handle(right) -> n5.handle(left)
  n4.handle(right) -> n5.handle(bottom)
}
"#,
};

pub(crate) fn check(cx: &RuleContext<'_>, findings: &mut Findings) {
    let ends = cx.flow.iter().flat_map(|flow| &flow.unsynchronized_ends);
    for end in ends.filter(|end| end.join.is_none()) {
        let fork = &cx.model[end.fork];
        let message = format!("the {} branches of {} never join", fork.next.len(), named(fork));
        let mut finding = Finding::new(&RULE, fork.id.span, message)
            .help(
                "lead them to one node; if only one of them is to run, draw a diamond; \
                 if the run is not to wait for a branch, label its arrow `async: …`",
            )
            .path(path_nodes(cx.model, &end.path));
        if let Some(&end) = end.path.last() {
            finding = finding.related(cx.model[end].id.span, "one branch ends here");
        }
        findings.push(finding);
    }
}
