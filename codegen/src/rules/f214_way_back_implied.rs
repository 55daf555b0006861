use crate::finding::{Finding, Findings, Rule, Severity};
use crate::rules::RuleContext;
use crate::rules::text::named;

pub(crate) static RULE: Rule = Rule {
    code: "F214",
    name: "way-back-implied",
    severity: Severity::Note,
    what: "Reports a loop without a way back. flowgen adds one from the last node to the first. If the last \
           node has an outgoing arrow, flowgen adds a decision after it: repeat or continue.",
    why: "The code contains an arrow or a decision that the drawing does not show. A decision is a method \
          that has to be implemented; its name is the text of the loop.",
    wrong: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Call customer"
  n3: circle label:"Called"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
  loop [up to 3 times] n2
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
  loop [up to 3 times] n2 n3
}
"#,
};

pub(crate) fn check(cx: &RuleContext<'_>, findings: &mut Findings) {
    for implied in &cx.model.implied_ways_back {
        let (from, to) = (named(&cx.model[implied.from]), named(&cx.model[implied.to]));
        let message = if implied.is_decision {
            format!("implied decision after {from}: repeat from {to} or continue")
        } else {
            format!("implied arrow from {from} back to {to}")
        };
        let help = "draw it, so that the drawing shows it and its outcomes have names";
        findings.push(Finding::new(&RULE, implied.keyword, message).help(help));
    }
}
