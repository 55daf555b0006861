use crate::finding::{Finding, Findings, Rule, Severity};
use crate::model::compensation::SwappedPair;
use crate::rules::RuleContext;
use crate::rules::text::named;

pub(crate) static RULE: Rule = Rule {
    code: "F410",
    name: "compensations-crossed",
    severity: Severity::Warning,
    what: "Reports compensations that seem to be swapped: by its label, a compensation undoes another step \
           than drawn, and the compensation drawn for that step does not fit it either. It is reported only \
           if the labels are unambiguous.",
    why: "An arrow labeled `compensated by` is easily drawn to the wrong compensation. A run would call \
          each compensation for the step of the other one, with nothing to undo, or with an effect that has \
          to remain.",
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
            "{} is drawn as the compensation of {}, but its label fits {}",
            named(node),
            named(drawn),
            named(fits)
        );
        findings.push(
            Finding::new(&RULE, node.id.span, message)
                .help(format!("draw the arrow labeled `compensated by` from {}", named(fits)))
                .related(drawn.id.span, "the step that it undoes as drawn"),
        );
    }
}
