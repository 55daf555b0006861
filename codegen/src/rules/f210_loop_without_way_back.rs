use crate::finding::{Finding, Findings, Rule, Severity};
use crate::model::ModelError;
use crate::rules::RuleContext;
use crate::rules::text::named;

pub(crate) static RULE: Rule = Rule {
    code: "F210",
    name: "loop-without-way-back",
    severity: Severity::Error,
    what: "Reports a loop without a way back whose last node has several outgoing arrows. If it has one \
           outgoing arrow, flowgen adds a decision there: repeat or continue (F214).",
    why: "flowgen cannot know which of the arrows ends the loop, and whether the others are followed in \
          each pass.",
    wrong: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Call customer"
  n3: rectangle label:"Note the answer"
  n4: rectangle label:"Thank customer"
  n5: circle label:"Called"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
  n2.handle(bottom) -> n4.handle(left)
  n3.handle(right) -> n5.handle(left)
  n4.handle(right) -> n5.handle(bottom)
  loop [up to 3 times] n2
}
"#,
    right: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Call customer"
  n3: rectangle label:"Note the answer"
  n4: rectangle label:"Thank customer"
  n5: circle label:"Called"
  n6: diamond label:"Answered?"
  n7: rectangle label:"End the call"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n6.handle(left)
  n6.handle(top) -> n2.handle(top) [label="No"]
  n6.handle(right) -> n7.handle(left) [label="Yes"]
  n7.handle(right) -> n3.handle(left)
  n7.handle(bottom) -> n4.handle(left)
  n3.handle(right) -> n5.handle(left)
  n4.handle(right) -> n5.handle(bottom)
  loop [up to 3 times] n2 n6
}
"#,
};

pub(crate) fn check(cx: &RuleContext<'_>, findings: &mut Findings) {
    for error in cx.model_errors {
        let &ModelError::LoopWithoutWayBack { keyword, last } = error else { continue };
        let last = &cx.model[last];
        findings.push(
            Finding::new(&RULE, keyword, "this loop has no way back")
                .help("draw a decision after the last node, and an arrow from it back to the first node")
                .related(last.id.span, format!("several arrows leave {}", named(last))),
        );
    }
}
