//! The plan of a drawing, as generated code holds it, made while a test runs.

use flowgen::plan::{Kind, LaneSpec, LoopSpec, NodeSpec, Plan};
use flowgen_codegen::model::{self, Arrow, Model, NodeIx};

/// The plan that generated code holds, made while the test runs; it lives on for as long as that.
pub(crate) fn plan_of(model: &Model) -> &'static Plan {
    let lanes = model.lanes.iter().map(|lane| LaneSpec::new(text(&lane.name.text), text(&lane.label.text)));
    let lanes: Vec<LaneSpec> = lanes.collect();
    let nodes: Vec<NodeSpec> = model.nodes.iter().map(spec).collect();
    let loops: Vec<LoopSpec> = model.counted_loops().map(loop_spec).collect();
    let plan = Plan::new(lanes.leak(), nodes.leak(), loops.leak());
    let plan = model.trigger.map(index).into_iter().fold(plan, Plan::trigger);
    Box::leak(Box::new(plan))
}

fn spec(node: &model::Node) -> NodeSpec {
    NodeSpec {
        id: text(&node.id.text),
        label: text(&node.label.text),
        method: text(&node.names.method),
        lane: index(NodeIx(node.lane.0)),
        kind: kind(node.kind),
        next: targets(&node.next),
        outcomes: outcomes(node),
        sends: targets(&node.sends),
        join: node.join.map(index),
        undoes: indices(node.undoes.iter().copied()),
        undone_by: node.undone_by.map(index),
        rolls_back: node.is_trigger || node.rolls_back,
        ..NodeSpec::new("", "", 0, Kind::Step)
    }
}

fn outcomes(node: &model::Node) -> &'static [&'static str] {
    let labels = node.next.iter().map(|arrow| arrow.label.as_ref().map_or("", |label| text(&label.text)));
    if node.kind == model::Kind::Decision { labels.collect::<Vec<_>>().leak() } else { &[] }
}

fn loop_spec(looped: &model::Loop) -> LoopSpec {
    let nodes = indices(looped.nodes.iter().copied());
    LoopSpec { text: text(&looped.text.text), head: index(looped.head), nodes, bound: looped.bound }
}

fn kind(kind: model::Kind) -> Kind {
    match kind {
        model::Kind::Start => Kind::Start,
        model::Kind::End => Kind::End,
        model::Kind::Milestone => Kind::Milestone,
        model::Kind::Step => Kind::Step,
        model::Kind::Task => Kind::Task,
        model::Kind::Decision => Kind::Decision,
    }
}

pub(crate) fn index(node: NodeIx) -> u32 {
    u32::try_from(node.0).unwrap()
}

fn targets(arrows: &[Arrow]) -> &'static [u32] {
    indices(arrows.iter().map(|arrow| arrow.to))
}

fn indices(nodes: impl Iterator<Item = NodeIx>) -> &'static [u32] {
    nodes.map(index).collect::<Vec<u32>>().leak()
}

fn text(text: &str) -> &'static str {
    text.to_owned().leak()
}
