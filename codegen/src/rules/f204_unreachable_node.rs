use std::collections::HashMap;

use crate::finding::{Finding, Rule, Severity, Sink};
use crate::model::graph::Graph;
use crate::model::{Kind, Model, Node, NodeIx};
use crate::rules::reach::Reach;
use crate::rules::wording::named;

/// See `what`.
pub(crate) static RULE: Rule = Rule {
    code: "F204",
    name: "unreachable-node",
    severity: Severity::Error,
    what: "No walk along the arrows leads from a start to a node. Of several such nodes that follow each other \
           the first is shown. A compensation that no arrow of control leads to is done for what is owed, but \
           its arrows are not followed then.",
    why: "No run ever comes there: what somebody writes for it is never called.",
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

pub(crate) fn check(model: &Model, reach: &Reach, sink: &mut Sink) {
    if model.incomplete || model.starts.is_empty() {
        return;
    }
    let lost: Vec<_> = model
        .indices()
        .filter(|&node| !reach.is_reached(node) && !reach.is_isolated(model, node))
        .filter(|&node| !model[node].may_lack_arrows)
        .collect();
    if lost.is_empty() {
        return;
    }
    let lacks_outcome = model.nodes.iter().any(|node| node.kind == Kind::Decision && node.next.len() < 2);
    let after_undoing = behind_compensations(model, reach);
    for (entry, behind) in regions(model, lost) {
        let finding =
            Finding::new(&RULE, model[entry].id.span, format!("no run comes to {}", named(&model[entry])));
        if let Some(&compensation) = after_undoing.get(&entry) {
            // The outcome that a decision lacks may be the way into the rollback, and is reported.
            if !lacks_outcome {
                sink.push(behind_compensation(finding, &model[compensation]));
            }
            continue;
        }
        sink.push(match behind {
            0 => finding.help("draw an arrow that leads to it"),
            1 => finding.help("draw an arrow that leads to it; one more node is only reached from here"),
            more => finding.help(format!(
                "draw an arrow that leads to it; {more} more nodes are only reached from here"
            )),
        });
    }
}

/// By node, the first compensation that leads there and only runs for what is owed: the arrows of any
/// other would be followed.
fn behind_compensations(model: &Model, reach: &Reach) -> HashMap<NodeIx, NodeIx> {
    let mut behind = HashMap::new();
    for node in model.indices().filter(|&node| model[node].is_compensation() && reach.is_reached(node)) {
        let onward = model[node].next.iter().chain(&model[node].sends).map(|arrow| arrow.to);
        for to in onward.filter(|&to| !reach.is_reached(to)) {
            behind.entry(to).or_insert(node);
        }
    }
    behind
}

fn behind_compensation(finding: Finding, compensation: &Node) -> Finding {
    finding
        .help(format!(
            "draw the way into the rollback, from an outcome or a step like `Roll back`, or leave the arrow of {} out",
            named(compensation)
        ))
        .related(compensation.id.span, "no arrow leads here: done only for what is owed, and then no arrow is followed")
}

/// The first node of each region that no run comes to, and how many more there are in it.
fn regions(model: &Model, mut lost: Vec<NodeIx>) -> Vec<(NodeIx, usize)> {
    let arrows = |from: NodeIx| {
        let node = &model[from];
        node.next.iter().chain(&node.sends).map(|arrow| arrow.to).chain(node.undone_by)
    };
    let all: Vec<_> = lost.iter().flat_map(|&from| arrows(from).map(move |to| (from, to))).collect();
    let graph = Graph::new(model.nodes.len(), &all);
    let component = graph.components();
    let mut open: Vec<_> = Vec::new();
    let mut seen = vec![true; model.nodes.len()];
    for node in &lost {
        seen[node.0] = false;
    }
    // Along the arrows, so that what comes first is seen before what can be reached from it.
    lost.sort_by_key(|node| (component[node.0], *node));
    let mut regions = Vec::new();
    for entry in lost {
        if std::mem::replace(&mut seen[entry.0], true) {
            continue;
        }
        let mut behind = 0;
        open.push(entry);
        while let Some(node) = open.pop() {
            for &next in graph.next(node) {
                if !std::mem::replace(&mut seen[next.0], true) {
                    behind += 1;
                    open.push(next);
                }
            }
        }
        regions.push((entry, behind));
    }
    regions
}
