use super::circle::around;
use super::course::Course;
use super::walk::stops;
use crate::finding::{Finding, Rule, Severity, Sink};
use crate::model::graph::Graph;
use crate::model::{Kind, Model, Node, NodeIx};
use crate::rules::reach::Reach;
use crate::rules::wording::named;

/// See `what`.
pub(crate) static RULE: Rule = Rule {
    code: "F307",
    name: "cycle-without-step",
    severity: Severity::Error,
    what: "Arrows or messages lead in a cycle on which nothing is done and nothing decided: it passes only circles, \
           and compensations that are skipped once nothing is owed. The walk shows the cycle.",
    why: "A run goes over circles at once. It would go round without end, making branches or messages each time; so \
          it faults there.",
    wrong: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Pack order"
  n3: circle label:"Packed"
  n4: circle label:"Told"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
  n2.handle(bottom) -> n4.handle(top) [label="async: packed"]
  n4.handle(right) -> n4.handle(left) [label="async: tell the next"]
  n4.handle(top) -> n3.handle(bottom)
}
"#,
    right: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Pack order"
  n3: circle label:"Packed"
  n4: rectangle label:"Tell who waits"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
  n2.handle(bottom) -> n4.handle(top) [label="async: packed"]
  n4.handle(top) -> n3.handle(bottom)
}
"#,
};

pub(crate) fn check(model: &Model, course: &Course, reach: &Reach, sink: &mut Sink) {
    let idle = |node: NodeIx| passes(&model[node]) && reach.is_reached(node);
    let arrows = model.indices().filter(|&from| idle(from)).flat_map(|from| {
        // A compensation that is skipped sends nothing.
        let sends = if model[from].is_compensation() { &[][..] } else { &model[from].sends };
        let onward = model[from].next.iter().chain(sends).map(|arrow| arrow.to);
        onward.filter(|&to| idle(to)).map(move |to| (from, to))
    });
    let arrows: Vec<_> = arrows.collect();
    let component = Graph::new(model.nodes.len(), &arrows).components();
    // A rollback enters no node twice; but each message that it sends is a run of its own.
    let mut goes_round = vec![false; model.nodes.len()];
    for &(from, to) in arrows.iter().filter(|(from, to)| component[from.0] == component[to.0]) {
        let is_message = model[from].next.iter().all(|arrow| arrow.to != to);
        goes_round[component[from.0]] |= is_message || course.forward.leads_to(from);
    }
    let is_within = |&(from, to): &(NodeIx, NodeIx)| {
        component[from.0] == component[to.0] && goes_round[component[from.0]]
    };
    let within: Vec<_> = arrows.into_iter().filter(is_within).collect();
    let graph = Graph::new(model.nodes.len(), &within);
    for cycle in around(&graph, within.iter().map(|&(from, _)| from)) {
        let Some(&entry) = cycle.first() else { continue };
        let message =
            format!("a run that comes to {} goes round without doing anything", named(&model[entry]));
        sink.push(
            Finding::new(&RULE, model[entry].id.span, message)
                .help("let something be done or decided on the way round, or leave out the arrow that leads back")
                .walk(stops(model, &cycle)),
        );
    }
}

/// Does a run go over it at once, or may it?
pub(super) fn passes(node: &Node) -> bool {
    matches!(node.kind, Kind::Start | Kind::Milestone) || node.is_compensation()
}
