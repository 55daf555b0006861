use crate::finding::{Finding, Findings, Rule, Severity};
use crate::rules::RuleContext;
use crate::rules::text::{named, path_nodes};

pub(crate) static RULE: Rule = Rule {
    code: "F304",
    name: "end-reached-while-branch-runs",
    severity: Severity::Error,
    what: "Reports a branch of a fork that can reach an end without the node at which the branches join. The \
           path shows how.",
    why: "When that branch reaches its end, the others still run, and continue after the join. The flow \
          then ends twice, and the first result may be undone or contradicted.",
    wrong: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Accept order"
  n3: rectangle label:"Write invoice"
  n4: diamond label:"In stock?"
  n5: rectangle label:"Ship order"
  n6: circle label:"Shipped"
  n7: circle label:"Not in stock"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
  n2.handle(bottom) -> n4.handle(top)
  n3.handle(right) -> n5.handle(left)
  n4.handle(right) -> n5.handle(bottom) [label="Yes"]
  n4.handle(bottom) -> n7.handle(top) [label="No"]
  n5.handle(right) -> n6.handle(left)
}
"#,
    right: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Accept order"
  n3: rectangle label:"Write invoice"
  n4: rectangle label:"Look into the store"
  n5: rectangle label:"Ship order"
  n6: circle label:"Shipped"
  n7: circle label:"Not in stock"
  n8: diamond label:"In stock?"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
  n2.handle(bottom) -> n4.handle(top)
  n3.handle(right) -> n8.handle(left)
  n4.handle(right) -> n8.handle(bottom)
  n8.handle(right) -> n5.handle(left) [label="Yes"]
  n8.handle(bottom) -> n7.handle(top) [label="No"]
  n5.handle(right) -> n6.handle(left)
}
"#,
};

pub(crate) fn check(cx: &RuleContext<'_>, findings: &mut Findings) {
    let model = cx.model;
    for unsynchronized in cx.flow.iter().flat_map(|flow| &flow.unsynchronized_ends) {
        let Some(join) = unsynchronized.join else { continue };
        let path = unsynchronized.path.as_slice();
        // The branch may be the end itself.
        let (&[fork, branch, ..], Some(&end)) = (path, path.last()) else { continue };
        let message = format!(
            "the branch of {} that begins at {} can reach {} while another branch runs",
            named(&model[fork]),
            named(&model[branch]),
            named(&model[end]),
        );
        findings.push(
            Finding::new(&RULE, model[branch].id.span, message)
                .help(
                    "join all branches first, and choose the end in a decision after the join; \
                     if only one of them is to run, draw a diamond",
                )
                .related(model[join].id.span, "the branches join here")
                .path(path_nodes(model, path)),
        );
    }
}
