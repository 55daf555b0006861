use crate::analysis::{MissingInput, MissingReason};
use crate::finding::{Finding, Findings, Rule, Severity};
use crate::model::Model;
use crate::model::data::{Data, Take, Taken};
use crate::rules::RuleContext;
use crate::rules::text::{named, path_nodes, quoted};

pub(crate) static RULE: Rule = Rule {
    code: "F501",
    name: "input-not-given",
    severity: Severity::Error,
    what: "Reports an input of a node that a path to the node does not give, with the shortest such path. After a \
           trigger, which faults reach from every node, only the inputs of all starts are certain. An optional \
           input, `x?`, is reported if no path gives it. An input of a compensation is reported if its step \
           does not take it in the same form, and `cause` if no rollback leads to the node.",
    why: "The generated method gets a reference to the value. On the reported path there is no value.",
    wrong: r#"#![data {
  ordered -> order: String;
  pack_order(order) -> parcel: String;
  delivered(parcel);
}]
Shop { # Shop
  n1: circle label:"Ordered"
  n2: diamond label:"In stock?"
  n3: rectangle label:"Pack order"
  n4: rectangle label:"Write letter"
  n5: circle label:"Delivered"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left) [label="Yes"]
  n2.handle(bottom) -> n4.handle(top) [label="No"]
  n3.handle(right) -> n5.handle(left)
  n4.handle(right) -> n5.handle(bottom)
}
"#,
    right: r#"#![data {
  ordered -> order: String;
  pack_order(order) -> parcel: String;
  delivered(parcel?);
}]
Shop { # Shop
  n1: circle label:"Ordered"
  n2: diamond label:"In stock?"
  n3: rectangle label:"Pack order"
  n4: rectangle label:"Write letter"
  n5: circle label:"Delivered"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left) [label="Yes"]
  n2.handle(bottom) -> n4.handle(top) [label="No"]
  n3.handle(right) -> n5.handle(left)
  n4.handle(right) -> n5.handle(bottom)
}
"#,
};

pub(crate) fn check(cx: &RuleContext<'_>, findings: &mut Findings) {
    let (Some(data), Some(flow)) = (&cx.model.data, cx.flow.and_then(|flow| flow.data.as_ref())) else {
        return;
    };
    findings.extend(flow.missing.iter().map(|missing| finding(cx.model, data, missing)));
}

fn finding(model: &Model, data: &Data, missing: &MissingInput) -> Finding {
    let Taken { take, span } = data.takes(missing.node)[missing.input];
    let node = named(&model[missing.node]);
    let name = take.name().map(|name| &data.names[name.0]);
    let written = quoted(name.map_or("cause", |name| &name.name.text));
    let optional = quoted(&format!("{}?", name.map_or("cause", |name| &name.name.text)));
    let (message, help) = match missing.reason {
        MissingReason::Path => {
            let help = match take {
                Take::One(_) => format!("take it as {optional}, or let a node on every path give it"),
                _ => "let a node on every path give it".to_owned(),
            };
            (format!("{node} takes {written}, which a path to it does not give"), help)
        }
        MissingReason::Never => {
            let help =
                "a branch does not see what its siblings give, and a value is given to later nodes only";
            (format!("{node} takes {written}, which no path to it gives"), help.to_owned())
        }
        MissingReason::NoRollback => {
            let help = "only nodes of a rollback have a cause; remove it, or draw a node of its own for the rollback";
            (format!("{node} takes `cause`, and a path to it does not roll back"), help.to_owned())
        }
        MissingReason::NotOfStep(step) => {
            let step = named(&model[step]);
            let message = format!("{node} takes {written}, which {step} does not take so");
            (message, format!("a compensation sees what the step saw: let {step} take it in the same way"))
        }
    };
    let mut finding = Finding::new(&RULE, span, message).help(help).path(path_nodes(model, &missing.path));
    if let Some(fault) = missing.fault {
        finding = finding.related(model[fault].id.span, "a fault leads from here to the trigger");
    }
    match missing.reason {
        MissingReason::NotOfStep(step) => finding.related(model[step].id.span, "undone by it"),
        _ => name.into_iter().fold(finding, |finding, name| finding.related(name.name.span, "given here")),
    }
}
