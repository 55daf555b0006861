use crate::finding::{Finding, Findings, Rule, Severity};
use crate::model::{Model, ModelError, NodeIx};
use crate::rules::RuleContext;
use crate::rules::text::named;

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

pub(crate) fn check(cx: &RuleContext<'_>, findings: &mut Findings) {
    for error in cx.model_errors {
        if let ModelError::UndecidedPairs { nodes } = error {
            findings.extend(finding(cx.model, nodes, "which step is undone"));
        }
    }
    let Some(undecided) = cx.flow.map(|flow| &flow.undecided) else { return };
    for (nodes, question) in [
        (&undecided.joins, "whether the branches that leave it meet"),
        (&undecided.shared_nodes, "whether branches reach one node before they join"),
        (&undecided.undo_order, "whether the order of undoing is right"),
        (&undecided.owed, "whether there is ever something to undo"),
        (&undecided.swapped_pairs, "whether the label fits what is undone"),
    ] {
        findings.extend(finding(cx.model, nodes, question));
    }
}

/// A finding at the first of the nodes for which the question was not answered.
fn finding(model: &Model, nodes: &[NodeIx], question: &str) -> Option<Finding> {
    let (&first, others) = nodes.split_first()?;
    let message = match others.len() {
        0 => format!("{question} is not known of {}", named(&model[first])),
        more => format!("{question} is not known of {} and {more} more", named(&model[first])),
    };
    let help =
        "the search would take too long: make several drawings of this one, or draw it in a simpler way";
    Some(Finding::new(&RULE, model[first].id.span, message).help(help))
}
