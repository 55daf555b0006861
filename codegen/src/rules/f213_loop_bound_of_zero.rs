use crate::finding::{Finding, Findings, Rule, Severity};
use crate::model::BoundReading;
use crate::rules::RuleContext;
use crate::rules::text::quoted;

pub(crate) static RULE: Rule = Rule {
    code: "F213",
    name: "loop-bound-of-zero",
    severity: Severity::Warning,
    what: "Reports a loop whose text allows 0 passes. flowgen ignores this bound.",
    why: "A bound of 0 was probably meant to forbid repetition. Without a bound, the loop repeats for as \
          long as its decision says.",
    wrong: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Call customer"
  n3: diamond label:"Reached?"
  n4: circle label:"Called"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
  n3.handle(right) -> n4.handle(left) [label="Yes"]
  n3.handle(top) -> n2.handle(top) [label="No"]
  loop [max 0] n2 n3
}
"#,
    right: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Call customer"
  n3: diamond label:"Reached?"
  n4: circle label:"Called"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
  n3.handle(right) -> n4.handle(left) [label="Yes"]
  n3.handle(top) -> n2.handle(top) [label="No"]
  loop [max 1] n2 n3
}
"#,
};

pub(crate) fn check(cx: &RuleContext<'_>, findings: &mut Findings) {
    for drawn in cx.model.loops.iter().filter(|drawn| drawn.reading == BoundReading::Zero) {
        let message = format!("{} allows no pass, so the loop has no bound", quoted(&drawn.text.text));
        findings.push(
            Finding::new(&RULE, drawn.text.span, message)
                .help("allow at least 1 pass, or write the condition that ends the loop"),
        );
    }
}
