use crate::analysis::ConcurrentOutputs;
use crate::finding::{Finding, Findings, Rule, Severity};
use crate::model::Model;
use crate::model::data::Data;
use crate::rules::RuleContext;
use crate::rules::text::{named, path_nodes, quoted};

pub(crate) static RULE: Rule = Rule {
    code: "F503",
    name: "given-at-once",
    severity: Severity::Error,
    what: "Reports two branches of a fork that give the same name, or of which one moves a value with `take` that \
           the other takes.",
    why: "The branches run at the same time. The latest value after the join would depend on which branch is \
          faster, and a moved value is missing in the other branch.",
    wrong: r#"#![data {
  ordered -> order: String;
  pack_order(order) -> paper: String;
  write_invoice(order) -> paper: String;
  sold(paper);
}]
Shop { # Shop
  n1: circle label:"Ordered"
  n2: rectangle label:"Accept order"
  n3: rectangle label:"Pack order"
  n4: rectangle label:"Write invoice"
  n5: circle label:"Sold"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
  n2.handle(bottom) -> n4.handle(top)
  n3.handle(right) -> n5.handle(left)
  n4.handle(right) -> n5.handle(bottom)
}
"#,
    right: r#"#![data {
  ordered -> order: String;
  pack_order(order) -> paper: String;
  write_invoice(order) -> invoice: String;
  sold(paper, invoice);
}]
Shop { # Shop
  n1: circle label:"Ordered"
  n2: rectangle label:"Accept order"
  n3: rectangle label:"Pack order"
  n4: rectangle label:"Write invoice"
  n5: circle label:"Sold"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
  n2.handle(bottom) -> n4.handle(top)
  n3.handle(right) -> n5.handle(left)
  n4.handle(right) -> n5.handle(bottom)
}
"#,
};

pub(crate) fn check(cx: &RuleContext<'_>, findings: &mut Findings) {
    let (Some(data), Some(flow)) = (&cx.model.data, cx.flow.and_then(|flow| flow.data.as_ref())) else {
        return;
    };
    findings.extend(flow.concurrent.iter().map(|concurrent| finding(cx.model, data, concurrent)));
}

fn finding(model: &Model, data: &Data, concurrent: &ConcurrentOutputs) -> Finding {
    let ConcurrentOutputs { name, fork, nodes: [first, second], paths: [path, other_path] } = concurrent;
    let gives = |node| data.gives(node).names().any(|given| given == *name);
    let written = quoted(&data.names[name.0].name.text);
    let (one, other) = (named(&model[*first]), named(&model[*second]));
    let (message, help) = if gives(*first) && gives(*second) {
        (format!("{one} and {other} run at once and both give {written}"), "give them two names")
    } else {
        let help = "move the value before the fork or after the join";
        (format!("{one} and {other} run at once, and one of them moves {written}"), help)
    };
    let span = |node| data.nodes.get(&node).map_or(data.names[name.0].name.span, |node| node.span);
    Finding::new(&RULE, span(*second), message)
        .help(help)
        .related(span(*first), "in another branch")
        .related(model[*fork].id.span, "the branches begin here")
        .path(path_nodes(model, path))
        .other_path(path_nodes(model, other_path))
}
