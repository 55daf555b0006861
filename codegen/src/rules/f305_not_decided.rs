use crate::finding::{Finding, Rule, Severity, Sink};
use crate::model::fork::Escapes;
use crate::model::{Model, NodeIx};
use crate::rules::wording::named;

/// See `what`.
pub(crate) static RULE: Rule = Rule {
    code: "F305",
    name: "not-decided",
    severity: Severity::Note,
    what: "A search was given up, because the drawing is too large for it: where the branches of a fork meet that \
           lie on no common way (F303, F304), whether branches reach one node before they join (F309), which step \
           a label undoes (F401, F403, F410), in which order steps are undone (F406), or whether a compensation ever \
           has something to undo (F408, F412). A drawing of this size is never one: it shows what is looked for.",
    why: "flowgen takes a time that grows about as the drawing does. What would take longer it does not guess: that \
          nothing is found there does not mean that nothing is wrong.",
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

pub(crate) fn check_forks(model: &Model, escapes: &Escapes, sink: &mut Sink) {
    report(model, &escapes.undecided, "whether the branches that leave it meet", sink);
}

/// Reports the first of the nodes of which something is not known.
pub(crate) fn report(model: &Model, nodes: &[NodeIx], what: &str, sink: &mut Sink) {
    let Some((&first, others)) = nodes.split_first() else { return };
    let message = match others.len() {
        0 => format!("{what} is not known of {}", named(&model[first])),
        more => format!("{what} is not known of {} and {more} more", named(&model[first])),
    };
    let help =
        "the search would take too long: make several drawings of this one, or draw it in a simpler way";
    sink.push(Finding::new(&RULE, model[first].id.span, message).help(help));
}
