use crate::finding::{Finding, Findings, Rule, Severity};
use crate::graph::{Graph, ShortestPaths};
use crate::model::{Loop, Model, NodeIx};
use crate::rules::RuleContext;
use crate::rules::text::{named, path_nodes, quoted};

pub(crate) static RULE: Rule = Rule {
    code: "F217",
    name: "loop-left-on-cycle",
    severity: Severity::Warning,
    what: "Reports a cycle that contains nodes of a bounded loop and a node that the loop does not list. The \
           path shows the cycle.",
    why: "A pass is counted when a run enters the first node of the loop. A cycle that avoids this node is \
          not bounded, and a cycle that returns to it through unlisted nodes uses up passes. An outer loop \
          that lists all nodes of the cycle resets the count of the inner loop with each pass of its own.",
    wrong: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Call customer"
  n3: diamond label:"Reached?"
  n4: rectangle label:"Look up another number"
  n5: circle label:"Called"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
  n3.handle(right) -> n5.handle(left) [label="Yes"]
  n3.handle(top) -> n2.handle(top) [label="Busy"]
  n3.handle(bottom) -> n4.handle(right) [label="Wrong number"]
  n4.handle(left) -> n2.handle(bottom)
  loop [at most 3 times] n2 n3
}
"#,
    right: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Call customer"
  n3: diamond label:"Reached?"
  n4: rectangle label:"Look up another number"
  n5: circle label:"Called"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
  n3.handle(right) -> n5.handle(left) [label="Yes"]
  n3.handle(top) -> n2.handle(top) [label="Busy"]
  n3.handle(bottom) -> n4.handle(right) [label="Wrong number"]
  n4.handle(left) -> n2.handle(bottom)
  loop [at most 3 times] n2 n3 n4
}
"#,
};

/// How many nodes and edges may be visited for all loops together. Further loops are not checked.
const BUDGET: usize = 10_000_000;

pub(crate) fn check(cx: &RuleContext<'_>, findings: &mut Findings) {
    let (model, Some(flow)) = (cx.model, cx.flow) else { return };
    let control = &flow.control_flow.control;
    let graph = control.filtered(|from, to| !model[from].begins_rollback() && !model[to].begins_rollback());
    let component = graph.components();
    let bounded = model.loops.iter().filter(|looped| looped.bound.is_some());
    let listed: usize = model.loops.iter().map(|looped| looped.nodes.len()).sum();
    let most = BUDGET / (graph.len() + graph.edge_count() + listed + 1);
    for looped in bounded.take(most) {
        let around = Surroundings::new(model, looped, &graph);
        if let Some(cycle) = around.through_unlisted(&component) {
            findings.extend(finding(model, looped, &cycle));
        }
    }
}

/// A loop, and the loops that share nodes with it.
struct Surroundings<'m> {
    looped: &'m Loop,
    graph: &'m Graph,
    /// By node: another loop that shares nodes with this one lists it.
    is_excused: Vec<bool>,
}

impl<'m> Surroundings<'m> {
    fn new(model: &'m Model, looped: &'m Loop, graph: &'m Graph) -> Self {
        let mut is_excused = vec![false; model.nodes.len()];
        let shares = |other: &&Loop| {
            other.nodes != looped.nodes
                && other.nodes.iter().any(|node| looped.nodes.binary_search(node).is_ok())
        };
        for node in model.loops.iter().filter(shares).flat_map(|other| &other.nodes) {
            is_excused[node.0] = true;
        }
        Self { looped, graph, is_excused }
    }

    fn is_listed(&self, node: NodeIx) -> bool {
        self.looped.nodes.binary_search(&node).is_ok()
    }

    /// A cycle that leaves the list, from its listed node.
    fn through_unlisted(&self, component: &[usize]) -> Option<Vec<NodeIx>> {
        let is_left = |from: NodeIx| {
            let onward = self.graph.next(from).iter().copied();
            let mut left = onward.filter(|&to| !self.is_listed(to) && component[to.0] == component[from.0]);
            left.any(|to| !self.is_excused[to.0])
        };
        let mut exits = self.looped.nodes.iter().copied().filter(|&from| is_left(from));
        exits.find_map(|exit| {
            let is_outside = |node: NodeIx| !self.is_listed(node) && component[node.0] == component[exit.0];
            let beyond = self.graph.next(exit).iter().copied().filter(|to| !self.is_excused[to.0]);
            let paths = ShortestPaths::new(beyond, self.graph, is_outside);
            let comes_back = |&node: &NodeIx| self.graph.next(node).iter().any(|&to| self.is_listed(to));
            let last = paths.nodes().iter().copied().find(|node| comes_back(node))?;
            let back = self.graph.next(last).iter().copied().find(|&to| self.is_listed(to))?;
            let inside = ShortestPaths::new([back], self.graph, |node| self.is_listed(node));
            let mut cycle = inside.to(exit);
            if cycle.is_empty() {
                cycle.push(exit);
            }
            cycle.extend(paths.to(last));
            Some(cycle)
        })
    }
}

fn finding(model: &Model, looped: &Loop, cycle: &[NodeIx]) -> Option<Finding> {
    let &first = cycle.first()?;
    let is_listed = |node: &&NodeIx| looped.nodes.binary_search(node).is_ok();
    let &outside = cycle.iter().find(|node| !is_listed(node))?;
    let message = format!(
        "a cycle through {} leaves the loop {}, which does not list {}",
        named(&model[first]),
        quoted(&looped.text.text),
        named(&model[outside])
    );
    let finding = Finding::new(&RULE, looped.text.span, message)
        .help("list all nodes of the cycle in the loop, or in a loop of its own")
        .path(path_nodes(model, cycle));
    Some(finding)
}
