use crate::finding::{Finding, Findings, Rule, Severity};
use crate::model::compensation::SwappedPair;
use crate::rules::RuleContext;
use crate::rules::text::named;

pub(crate) static RULE: Rule = Rule {
    code: "F410",
    name: "compensations-crossed",
    severity: Severity::Warning,
    what: "By its label a compensation undoes another step than the one it is drawn for, and what is drawn for that \
           other step does not fit it either. Told only where the labels leave no doubt.",
    why: "Arrows labelled `compensated by` are easily drawn to the wrong one of several compensations. In a run each \
          would be called for what the other is there for: with nothing to undo, or to undo what still stands.",
    wrong: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Reserve goods"
  n3: rectangle label:"Charge card"
  n4: circle label:"Sold"
  n5: rectangle label:"Release goods"
  n6: rectangle label:"Refund card"
  n7: diamond label:"Goods reserved?"
  n8: circle label:"Not sold"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n7.handle(left)
  n7.handle(right) -> n3.handle(left) [label="Yes"]
  n7.handle(bottom) -> n8.handle(left) [label="No"]
  n2.handle(bottom) -> n6.handle(top) [label="compensated by"]
  n3.handle(right) -> n4.handle(left)
  n3.handle(bottom) -> n5.handle(top) [label="compensated by"]
}
"#,
    right: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Reserve goods"
  n3: rectangle label:"Charge card"
  n4: circle label:"Sold"
  n5: rectangle label:"Release goods"
  n6: rectangle label:"Refund card"
  n7: diamond label:"Goods reserved?"
  n8: circle label:"Not sold"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n7.handle(left)
  n7.handle(right) -> n3.handle(left) [label="Yes"]
  n7.handle(bottom) -> n8.handle(left) [label="No"]
  n2.handle(bottom) -> n5.handle(top) [label="compensated by"]
  n3.handle(right) -> n4.handle(left)
  n3.handle(bottom) -> n6.handle(top) [label="compensated by"]
}
"#,
};

pub(crate) fn check(cx: &RuleContext<'_>, findings: &mut Findings) {
    for SwappedPair { compensation, by_label } in cx.flow.iter().flat_map(|flow| &flow.swapped_pairs) {
        let (node, fits) = (&cx.model[*compensation], &cx.model[*by_label]);
        let Some(drawn) = node.undoes.first().map(|&drawn| &cx.model[drawn]) else { continue };
        let message = format!(
            "{} is drawn to undo {}, and seems to be there for {}",
            named(node),
            named(drawn),
            named(fits)
        );
        findings.push(
            Finding::new(&RULE, node.id.span, message)
                .help(format!("draw the arrow labelled `compensated by` from {}", named(fits)))
                .related(drawn.id.span, "undone by it, as drawn"),
        );
    }
}
