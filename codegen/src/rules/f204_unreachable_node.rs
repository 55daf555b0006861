use std::collections::HashMap;

use crate::analysis::Reachability;
use crate::finding::{Finding, Findings, Rule, Severity};
use crate::graph::Graph;
use crate::model::{Kind, Model, Node, NodeIx};
use crate::rules::RuleContext;
use crate::rules::text::named;

pub(crate) static RULE: Rule = Rule {
    code: "F204",
    name: "unreachable-node",
    severity: Severity::Error,
    what: "Reports a node to which no path leads from a start. Of several such nodes in sequence, only the \
           first is reported. If only an arrow labeled `compensated by` leads to a compensation, it runs for \
           pending undos, and its own arrows are not followed.",
    why: "No run ever reaches the node, so its implementation is never called.",
    wrong: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Pack order"
  n3: circle label:"Packed"
  n4: rectangle label:"Label parcel"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
  n4.handle(right) -> n3.handle(bottom)
}
"#,
    right: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Pack order"
  n3: circle label:"Packed"
  n4: rectangle label:"Label parcel"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n4.handle(left)
  n4.handle(right) -> n3.handle(bottom)
}
"#,
};

pub(crate) fn check(cx: &RuleContext<'_>, findings: &mut Findings) {
    let &RuleContext { model, reachability, .. } = cx;
    if model.incomplete || model.starts.is_empty() {
        return;
    }
    let unreachable: Vec<_> = model
        .indices()
        .filter(|&node| !reachability.is_reachable(node) && !reachability.is_isolated(model, node))
        .filter(|&node| !model[node].may_lack_arrows)
        .collect();
    if unreachable.is_empty() {
        return;
    }
    let lacks_outcome = model.nodes.iter().any(|node| node.kind == Kind::Decision && node.next.len() < 2);
    let compensation_before = compensations_before(model, reachability);
    for (entry, more) in regions(model, unreachable) {
        let finding =
            Finding::new(&RULE, model[entry].id.span, format!("no run reaches {}", named(&model[entry])));
        if let Some(&compensation) = compensation_before.get(&entry) {
            // A missing outcome of a decision (F206) may be the way into the rollback.
            if !lacks_outcome {
                findings.push(after_compensation(finding, &model[compensation]));
            }
            continue;
        }
        findings.push(match more {
            0 => finding.help("draw an arrow to it"),
            1 => finding.help("draw an arrow to it; one more node is reachable only through it"),
            more => {
                finding.help(format!("draw an arrow to it; {more} more nodes are reachable only through it"))
            }
        });
    }
}

/// By node: the first compensation that leads there and that no edge leads to. Its edges are never followed.
fn compensations_before(model: &Model, reachability: &Reachability) -> HashMap<NodeIx, NodeIx> {
    let mut before = HashMap::new();
    for node in
        model.indices().filter(|&node| model[node].is_compensation() && reachability.is_reachable(node))
    {
        let onward = model[node].next.iter().chain(&model[node].sends).map(|arrow| arrow.to);
        for to in onward.filter(|&to| !reachability.is_reachable(to)) {
            before.entry(to).or_insert(node);
        }
    }
    before
}

fn after_compensation(finding: Finding, compensation: &Node) -> Finding {
    finding
        .help(format!(
            "draw an arrow into the rollback, from an outcome or a step like `Roll back`, or remove the arrow of {}",
            named(compensation)
        ))
        .related(
            compensation.id.span,
            "no arrow leads here: it runs only for pending undos, and its arrows are not followed",
        )
}

/// The first node of each region that no run comes to, and how many more nodes are in it.
fn regions(model: &Model, mut unreachable: Vec<NodeIx>) -> Vec<(NodeIx, usize)> {
    let targets = |from: NodeIx| {
        let node = &model[from];
        node.next.iter().chain(&node.sends).map(|arrow| arrow.to).chain(node.undone_by)
    };
    let edges = unreachable.iter().flat_map(|&from| targets(from).map(move |to| (from, to)));
    let graph = Graph::new(model.nodes.len(), &edges.collect::<Vec<_>>());
    let component = graph.components();
    let mut open: Vec<_> = Vec::new();
    let mut seen = vec![true; model.nodes.len()];
    for node in &unreachable {
        seen[node.0] = false;
    }
    // In topological order, so that a node is seen before the nodes that it leads to.
    unreachable.sort_by_key(|node| (component[node.0], *node));
    let mut regions = Vec::new();
    for entry in unreachable {
        if std::mem::replace(&mut seen[entry.0], true) {
            continue;
        }
        let mut more = 0;
        open.push(entry);
        while let Some(node) = open.pop() {
            for &next in graph.next(node) {
                if !std::mem::replace(&mut seen[next.0], true) {
                    more += 1;
                    open.push(next);
                }
            }
        }
        regions.push((entry, more));
    }
    regions
}
