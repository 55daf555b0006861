use crate::finding::{Finding, Findings, Rule, Severity};
use crate::rules::RuleContext;
use crate::syntax::Item;

pub(crate) static RULE: Rule = Rule {
    code: "F209",
    name: "loop-over-nothing",
    severity: Severity::Error,
    what: "Reports a loop that lists no nodes.",
    why: "flowgen cannot know which nodes to repeat, so it repeats none, and a bound in the text of the \
          loop has no effect.",
    wrong: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Call customer"
  n3: circle label:"Called"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
  loop [up to 3 times]
}
"#,
    right: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Call customer"
  n3: circle label:"Called"
  n4: diamond label:"Reached?"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n4.handle(left)
  n4.handle(right) -> n3.handle(left) [label="Yes"]
  n4.handle(top) -> n2.handle(top) [label="No"]
  loop [up to 3 times] n2 n4
}
"#,
};

pub(crate) fn check(cx: &RuleContext<'_>, findings: &mut Findings) {
    for item in cx.drawing.inner_items() {
        let Item::Loop(drawn) = item else { continue };
        if drawn.nodes.is_empty() {
            findings.push(
                Finding::new(&RULE, drawn.keyword, "this loop lists no nodes")
                    .help("list the ids of the repeated nodes after the text, in the order of the arrows"),
            );
        }
    }
}
