use crate::finding::{Finding, Findings, Rule, Severity};
use crate::model::{Model, ModelError, NodeIx};
use crate::rules::RuleContext;
use crate::rules::text::named;

pub(crate) static RULE: Rule = Rule {
    code: "F305",
    name: "not-decided",
    severity: Severity::Note,
    what: "Reports a search that flowgen stopped because the drawing is too large for it: whether the \
           branches of a fork join (F303, F304), whether branches reach a node before they join (F309), \
           which step a label undoes (F401, F403, F410), in which order steps are undone (F406), or whether \
           a compensation ever has a pending undo (F408, F412). The example is far too small for this; it \
           only shows what is searched for.",
    why: "The time of the analysis is bounded. Beyond the bound flowgen reports nothing instead of \
          guessing, so the absence of these findings proves nothing.",
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
            findings.extend(finding(cx.model, nodes, "which step it undoes"));
        }
    }
    let Some(undecided) = cx.flow.map(|flow| &flow.undecided) else { return };
    let no_inputs = Vec::new();
    let inputs = cx.flow.and_then(|flow| flow.data.as_ref()).map_or(&no_inputs, |data| &data.undecided);
    for (nodes, question) in [
        (inputs, "whether all its inputs are given"),
        (&undecided.joins, "whether its branches join"),
        (&undecided.shared_nodes, "whether branches reach a node before they join"),
        (&undecided.undo_order, "whether steps are undone in reverse order"),
        (&undecided.owed, "whether it ever has a pending undo"),
        (&undecided.swapped_pairs, "whether its label fits the step that it undoes"),
    ] {
        findings.extend(finding(cx.model, nodes, question));
    }
}

/// A finding at the first of the nodes for which the question was not answered.
fn finding(model: &Model, nodes: &[NodeIx], question: &str) -> Option<Finding> {
    let (&first, others) = nodes.split_first()?;
    let message = match others.len() {
        0 => format!("not decided for {}: {question}", named(&model[first])),
        more => format!("not decided for {} and {more} more: {question}", named(&model[first])),
    };
    let help = "the search would take too long: split the drawing, or simplify it";
    Some(Finding::new(&RULE, model[first].id.span, message).help(help))
}
