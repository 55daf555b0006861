use super::walk::stops;
use crate::finding::{Finding, Rule, Severity, Sink};
use crate::model::fork::Escape;
use crate::model::{Model, NodeIx};
use crate::rules::wording::named;

/// See `what`.
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

pub(crate) fn check(model: &Model, escapes: &[Escape], sink: &mut Sink) {
    for escape in escapes {
        if let Some(join) = escape.join {
            report(model, escape, join, sink);
        }
    }
}

fn report(model: &Model, escape: &Escape, join: NodeIx, sink: &mut Sink) {
    // An arrow of the fork may lead to the end at once.
    let (&[fork, branch, ..], Some(&end)) = (escape.walk.as_slice(), escape.walk.last()) else { return };
    let message = format!(
        "the branch of {} that begins at {} can come to {} while another one runs",
        named(&model[fork]),
        named(&model[branch]),
        named(&model[end]),
    );
    sink.push(
        Finding::new(&RULE, model[branch].id.span, message)
            .help(
                "let all branches meet first, and decide behind that which end it is; \
                 where only one of them is to be taken, draw a diamond",
            )
            .related(model[join].id.span, "the branches meet here")
            .walk(stops(model, &escape.walk)),
    );
}
