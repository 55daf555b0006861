use crate::finding::{Finding, Findings, Rule, Severity};
use crate::rules::RuleContext;
use crate::rules::text::named;

pub(crate) static RULE: Rule = Rule {
    code: "F403",
    name: "pair-inferred",
    severity: Severity::Note,
    what: "Reports a compensation that flowgen inferred from the labels: a step on the path of a rollback \
           whose verb reverses the verb of another step, for the same object, if no other step fits as well.",
    why: "The code depends on the pair: the compensated step returns whether there is something to undo, \
          and the compensation runs only if there is. An arrow labeled `compensated by` keeps the pair when \
          a label changes.",
    wrong: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Charge card"
  n3: diamond label:"In stock?"
  n4: circle label:"Sold"
  n5: rectangle label:"Refund card"
  n6: circle label:"Not sold"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
  n3.handle(right) -> n4.handle(left) [label="Yes"]
  n3.handle(bottom) -> n5.handle(top) [label="No, roll back"]
  n5.handle(right) -> n6.handle(left)
}
"#,
    right: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Charge card"
  n3: diamond label:"In stock?"
  n4: circle label:"Sold"
  n5: rectangle label:"Refund card"
  n6: circle label:"Not sold"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
  n2.handle(bottom) -> n5.handle(left) [label="compensated by"]
  n3.handle(right) -> n4.handle(left) [label="Yes"]
  n3.handle(bottom) -> n5.handle(top) [label="No, roll back"]
  n5.handle(right) -> n6.handle(left)
}
"#,
};

/// Reports inferred pairs, with the line that draws them.
pub(crate) fn check(cx: &RuleContext<'_>, findings: &mut Findings) {
    for pair in &cx.model.inferred_pairs {
        let (compensation, step) = (&cx.model[pair.compensation], &cx.model[pair.step]);
        let lane = if compensation.lane == step.lane {
            String::new()
        } else {
            format!("{}.", cx.model[compensation.lane].name.text)
        };
        let (from, to) = (&step.id.text, &compensation.id.text);
        let arrow = format!("{from}.handle(bottom) -> {lane}{to}.handle(top) [label=\"compensated by\"]");
        let home = &cx.model[step.lane].name.text;
        findings.push(
            Finding::new(
                &RULE,
                compensation.id.span,
                format!("inferred as the compensation of {}", named(step)),
            )
            .help(format!("to draw the pair, write in lane {home}: `{arrow}`"))
            .related(step.id.span, "the compensated step"),
        );
    }
}
