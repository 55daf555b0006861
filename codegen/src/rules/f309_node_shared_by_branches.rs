use crate::analysis::SharedNode;
use crate::finding::{Finding, Findings, Rule, Severity};
use crate::model::Model;
use crate::rules::RuleContext;
use crate::rules::text::{named, path_nodes};

pub(crate) static RULE: Rule = Rule {
    code: "F309",
    name: "node-shared-by-branches",
    severity: Severity::Error,
    what: "Reports a node that several branches of one fork reach before they join. The two paths show two \
           of these branches. Of several such nodes in sequence, only the first is reported.",
    why: "A node waits for branches only where all branches of the fork join. At any other node each branch \
          continues on its own, so the node and the nodes after it run once for each branch: a parcel is \
          sent twice.",
    wrong: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Accept order"
  n3: rectangle label:"Pack order"
  n4: rectangle label:"Write invoice"
  n5: rectangle label:"Write label"
  n6: rectangle label:"Send parcel"
  n7: circle label:"Sent"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
  n2.handle(bottom) -> n4.handle(top)
  n3.handle(right) -> n5.handle(left)
  n3.handle(top) -> n6.handle(top)
  n4.handle(right) -> n6.handle(left)
  n5.handle(right) -> n7.handle(left)
  n6.handle(right) -> n7.handle(bottom)
}
"#,
    right: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Accept order"
  n3: rectangle label:"Pack order"
  n4: rectangle label:"Write invoice"
  n5: rectangle label:"Write label"
  n6: rectangle label:"Send parcel"
  n7: circle label:"Sent"
  n8: circle label:"Packed and invoiced"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
  n2.handle(bottom) -> n4.handle(top)
  n3.handle(right) -> n8.handle(top)
  n4.handle(right) -> n8.handle(left)
  n8.handle(top) -> n5.handle(left)
  n8.handle(right) -> n6.handle(left)
  n5.handle(right) -> n7.handle(left)
  n6.handle(right) -> n7.handle(bottom)
}
"#,
};

pub(crate) fn check(cx: &RuleContext<'_>, findings: &mut Findings) {
    let shared_nodes = cx.flow.iter().flat_map(|flow| &flow.shared_nodes);
    findings.extend(shared_nodes.map(|shared| finding(cx.model, shared)));
}

fn finding(model: &Model, SharedNode { fork, node, paths: [path, other] }: &SharedNode) -> Finding {
    let (fork, node) = (&model[*fork], &model[*node]);
    let message = format!(
        "{} runs once for each of several branches of {}, because they reach it before they join",
        named(node),
        named(fork),
    );
    let help = "if it is to run once, join all branches of the fork first, or draw these branches as a \
                fork of their own; if it is to run for each branch, draw it once in each";
    let finding = Finding::new(&RULE, node.id.span, message)
        .help(help)
        .related(fork.id.span, "the fork")
        .path(path_nodes(model, path))
        .other_path(path_nodes(model, other));
    match fork.join {
        Some(join) => finding.related(model[join].id.span, "its branches join here"),
        None => finding,
    }
}
