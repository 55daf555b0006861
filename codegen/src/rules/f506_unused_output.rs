use crate::finding::{Finding, Findings, Rule, Severity};
use crate::model::Data;
use crate::rules::RuleContext;
use crate::rules::text::quoted;

pub(crate) static RULE: Rule = Rule {
    code: "F506",
    name: "unused-output",
    severity: Severity::Note,
    what: "Reports a value that a node gives and no node takes. The value of a step with a compensation is not \
           reported, because the compensation gets it.",
    why: "Each run saves the value, and nothing reads it. Perhaps an input is missing.",
    wrong: r#"#![data {
  ordered -> order: String;
  pack_order(order) -> parcel: String;
}]
Shop { # Shop
  n1: circle label:"Ordered"
  n2: rectangle label:"Pack order"
  n3: circle label:"Packed"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
}
"#,
    right: r#"#![data {
  ordered -> order: String;
  pack_order(order) -> parcel: String;
  packed(parcel);
}]
Shop { # Shop
  n1: circle label:"Ordered"
  n2: rectangle label:"Pack order"
  n3: circle label:"Packed"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
}
"#,
};

pub(crate) fn check(cx: &RuleContext<'_>, findings: &mut Findings) {
    // What is misspelled may have been this name.
    let is_whole = |data: &&Data| !data.incomplete && cx.data_errors.is_empty();
    let Some(data) = cx.model.data.as_ref().filter(is_whole) else { return };
    let mut is_taken = vec![false; data.names.len()];
    let takes = data.nodes.values().flat_map(|node| &node.takes).filter_map(|taken| taken.take.name());
    takes.for_each(|name| is_taken[name.0] = true);
    for (name, is_taken) in data.names.iter().zip(is_taken) {
        let is_undone = || name.givers.iter().any(|&(giver, _)| cx.model[giver].undone_by.is_some());
        if !is_taken && !is_undone() {
            let message = format!("no node takes {}", quoted(&name.name.text));
            findings
                .push(Finding::new(&RULE, name.name.span, message).help("take it somewhere, or remove it"));
        }
    }
}
