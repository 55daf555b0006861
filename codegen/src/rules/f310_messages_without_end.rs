use crate::finding::{Finding, Findings, Rule, Severity};
use crate::rules::RuleContext;
use crate::rules::text::{named, path_nodes};

pub(crate) static RULE: Rule = Rule {
    code: "F310",
    name: "messages-without-end",
    severity: Severity::Error,
    what: "Reports a message whose run always sends the same message again, whatever the decisions on its \
           path return. The path shows the messages and arrows from the sender back to it.",
    why: "Each message starts a run of its own. Each of these runs may end, but by then it has started the \
          next one, so there is always one that runs.",
    wrong: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Pack order"
  n3: circle label:"Packed"
  n4: rectangle label:"Remind customer"
  n5: circle label:"Reminded"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
  n2.handle(bottom) -> n4.handle(top) [label="async: packed"]
  n4.handle(right) -> n5.handle(left)
  n4.handle(bottom) -> n4.handle(left) [label="async: not collected"]
}
"#,
    right: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Pack order"
  n3: circle label:"Packed"
  n4: rectangle label:"Remind customer"
  n5: circle label:"Collected"
  n6: diamond label:"Parcel fetched?"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
  n2.handle(bottom) -> n4.handle(top) [label="async: packed"]
  n4.handle(right) -> n6.handle(left)
  n6.handle(right) -> n5.handle(left) [label="Yes"]
  n6.handle(bottom) -> n4.handle(left) [label="No"]
}
"#,
};

pub(crate) fn check(cx: &RuleContext<'_>, findings: &mut Findings) {
    let model = cx.model;
    for cycle in cx.flow.iter().flat_map(|flow| &flow.endless_messages) {
        let &[sender, target, ..] = cycle.as_slice() else { continue };
        let message = format!(
            "the message from {} to {} is sent again and again, without end",
            named(&model[sender]),
            named(&model[target]),
        );
        let arrow = model[sender].sends.iter().find(|arrow| arrow.to == target);
        findings.push(
            Finding::new(&RULE, arrow.map_or(model[sender].id.span, |arrow| arrow.span), message)
                .help(
                    "draw a decision on this path with one outcome that leads to an end without this message",
                )
                .path(path_nodes(model, cycle)),
        );
    }
}
