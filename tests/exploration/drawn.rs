//! Drawings, read as users' drawings are.

use std::path::{Path, PathBuf};

use flowgen::plan::{Kind, LaneSpec, LoopSpec, NodeSpec, Plan};
use flowgen_codegen::model::{self, Arrow, Model, NodeIx};

use crate::explorer::{Bounds, explore};
use crate::tally;

/// The plan that generated code holds, made while the test runs; it lives on for as long as that.
pub(crate) fn plan_of(model: &Model) -> &'static Plan {
    let lanes = model.lanes.iter().map(|lane| LaneSpec::new(text(&lane.name.text), text(&lane.label.text)));
    let lanes: Vec<LaneSpec> = lanes.collect();
    let nodes: Vec<NodeSpec> = model.nodes.iter().map(spec).collect();
    let loops: Vec<LoopSpec> = model.loops.iter().filter_map(bounded).collect();
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
        sends: targets(&node.sends),
        join: node.join.map(index),
        undoes: indices(node.undoes.iter().copied()),
        undone_by: node.undone_by.map(index),
        rolls_back: node.is_trigger || node.rolls_back,
        attributes: &[],
    }
}

fn bounded(bounded: &model::Loop) -> Option<LoopSpec> {
    let nodes = indices(bounded.nodes.iter().copied());
    Some(LoopSpec { text: text(&bounded.text.text), head: index(bounded.head), nodes, bound: bounded.bound? })
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

/// Every drawing below this folder of the project.
fn drawings(folder: &str) -> Vec<PathBuf> {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    let mut drawings = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "fz") {
                drawings.push(path);
            }
        }
    }
    drawings.sort();
    drawings
}

fn explore_drawings(folder: &str) {
    let bounds = Bounds { situations: 4_000, visits: 2, ..Bounds::ALL };
    for path in drawings(folder) {
        // What fuzzing has found need not be text.
        let bytes = std::fs::read(&path).unwrap();
        let model = flowgen_codegen::analyse(&String::from_utf8_lossy(&bytes)).model;
        let plan = plan_of(&model);
        let reports = model.starts.iter().map(|start| {
            let report = explore(plan, index(*start), bounds);
            report.unwrap_or_else(|violation| panic!("{}: {violation}", path.display()))
        });
        let (_, report) = tally(reports);
        eprintln!("{}: {report:?}", path.display());
    }
}

#[test]
fn the_built_in_patterns() {
    explore_drawings("templates");
}

/// Those with errors too: what can be understood of a drawing keeps to the rules.
#[test]
fn the_drawings_of_other_tests() {
    explore_drawings("codegen/tests/drawings");
}

/// A step with the call that it makes beside it, a message, a loop and a person's task.
#[test]
fn a_drawing_with_everything() {
    let model = flowgen_codegen::analyse(
        r#"
Shop { # Shop
n1: circle label:"Order comes"
n2: rectangle label:"Reserve goods"
n3: rectangle label:"Prepare"
n4: rectangle label:"Pack"
n5: rectangle label:"Print label"
n6: diamond label:"Packed well?"
n7: circle label:"Packed"
n8: taskbox label:"Hand over"
n9: circle label:"Gone"
n10: rectangle label:"Give up"
n11: rectangle label:"Release goods"
n12: circle label:"Given up"
n1.handle(right) -> n2.handle(left)
n2.handle(right) -> n3.handle(left)
n2.handle(bottom) -> n11.handle(top) [label="compensated by"]
n2.handle(top) -> Post.n20.handle(top) [label="async: Announce"]
n3.handle(right) -> n4.handle(left)
n3.handle(bottom) -> n5.handle(left)
n4.handle(right) -> n6.handle(left)
n5.handle(right) -> n7.handle(left)
n6.handle(right) -> n7.handle(left) [label="Yes"]
n6.handle(top) -> n4.handle(top) [label="No"]
n6.handle(bottom) -> n10.handle(top) [label="Hopeless"]
n7.handle(right) -> n8.handle(left)
n8.handle(right) -> n9.handle(left)
n10.handle(right) -> n11.handle(left)
n11.handle(right) -> n12.handle(left)
loop [up to 2 times] n4 n6
}
Post { # Post
n20: rectangle label:"Plan pickup"
n21: circle label:"Planned"
n20.handle(right) -> n21.handle(left)
}
"#,
    )
    .model;
    let plan = plan_of(&model);
    let report = explore(plan, 0, Bounds::ALL).unwrap_or_else(|violation| panic!("{violation}"));
    assert_eq!(report.pruned, 0, "{report:?}");
    assert!(report.endings.keys().eq(&["completed", "failed", "rolled back", "stuck"]), "{report:?}");
}
