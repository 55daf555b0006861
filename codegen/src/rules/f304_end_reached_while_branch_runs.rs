use crate::finding::{Finding, Findings, Rule, Severity};
use crate::rules::RuleContext;
use crate::rules::text::{named, path_nodes};

pub(crate) static RULE: Rule = Rule {
    code: "F304",
    name: "end-reached-while-branch-runs",
    severity: Severity::Error,
    what: "The branches of a fork meet at a node, but one of them can also come to an end without passing it. The \
           walk shows how.",
    why: "When that branch has come to its end the others are still running, and go on behind the node where \
          they meet. The flow then ends twice, and what the end says may be undone or contradicted.",
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
            "the branch of {} that begins at {} can come to {} while another one runs",
            named(&model[fork]),
            named(&model[branch]),
            named(&model[end]),
        );
        findings.push(
            Finding::new(&RULE, model[branch].id.span, message)
                .help(
                    "let all branches meet first, and decide behind that which end it is; \
                     where only one of them is to be taken, draw a diamond",
                )
                .related(model[join].id.span, "the branches meet here")
                .path(path_nodes(model, path)),
        );
    }
}
