use crate::finding::{Finding, Findings, Rule, Severity};
use crate::model::ModelError;
use crate::rules::RuleContext;
use crate::rules::text::quoted;

pub(crate) static RULE: Rule = Rule {
    code: "F104",
    name: "wrong-lane",
    severity: Severity::Warning,
    what: "Reports a reference that names the wrong lane before the dot.",
    why: "flowgen finds the node by its id. Other programs that read the drawing may not find it, and \
          readers look for it in the wrong lane.",
    wrong: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Pack order"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> Shop.n3.handle(left)
}
Carrier { # Carrier
  n3: circle label:"Picked up"
}
"#,
    right: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Pack order"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> Carrier.n3.handle(left)
}
Carrier { # Carrier
  n3: circle label:"Picked up"
}
"#,
};

pub(crate) fn check(cx: &RuleContext<'_>, findings: &mut Findings) {
    for error in cx.model_errors {
        let ModelError::WrongLane { lane, node } = error else { continue };
        let node = &cx.model[*node];
        let right = &cx.model[node.lane].name.text;
        let message = format!("{} is not in lane {}", quoted(&node.id.text), quoted(&lane.text));
        findings.push(
            Finding::new(&RULE, lane.span, message)
                .help(format!("write `{right}.{}`", node.id.text))
                .edit(lane.span, right),
        );
    }
}
