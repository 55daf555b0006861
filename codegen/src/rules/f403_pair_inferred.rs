use crate::finding::{Finding, Findings, Rule, Severity};
use crate::rules::RuleContext;
use crate::rules::text::named;

pub(crate) static RULE: Rule = Rule {
    code: "F403",
    name: "pair-inferred",
    severity: Severity::Note,
    what: "A step on the way of a rollback was taken as what undoes another one, because their labels say so: \
           a verb that reverses, the same object, and no other step that fits as well.",
    why: "The code depends on it: the one step says whether there is something to undo, and the other runs only \
          then. An arrow labelled `compensated by` says the same for certain, whatever the labels become.",
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
            Finding::new(&RULE, compensation.id.span, format!("taken as what undoes {}", named(step)))
                .help(format!("to say so in the drawing, write in {home}: `{arrow}`"))
                .related(step.id.span, "this step"),
        );
    }
}
