//! The outline of a new crate, from the model of its drawing.

use flowgen_codegen::model::{Kind, LaneIx, Model, Node};
use flowgen_templates::{Lane, Outline, Role, Step};

/// Creates the outline of a crate for this drawing. `name` is the name of the drawing's file.
pub(crate) fn outline(model: &Model, name: &str, text: &str) -> Outline {
    let mut steps = vec![Vec::new(); model.lanes.len()];
    for node in model.nodes.iter().filter(|node| node.is_implemented()) {
        let LaneIx(lane) = node.lane;
        steps[lane].push(step(node));
    }
    let served = model.lanes.iter().zip(steps).filter(|(_, steps)| !steps.is_empty());
    let lanes = served.map(|(lane, steps)| Lane {
        label: lane.label.text.clone(),
        module: lane.module.clone(),
        type_name: lane.type_name.clone(),
        steps,
    });
    Outline {
        name: name.to_owned(),
        drawing: text.to_owned(),
        lanes: lanes.collect(),
        start: first_of_several_starts(model),
        forks: model.nodes.iter().any(|node| node.is_fork() || !node.sends.is_empty()),
    }
}

/// The start used to try out a flow with several starts: the first one.
fn first_of_several_starts(model: &Model) -> Option<String> {
    match model.starts[..] {
        [first, _, ..] => Some(model[first].names.variant.clone()),
        _ => None,
    }
}

fn step(node: &Node) -> Step {
    let role = match node.kind {
        Kind::Decision => Role::Decision {
            answers: node.names.type_name.clone(),
            outcomes: node.next.iter().map(|arrow| arrow.outcome.clone()).collect(),
        },
        _ if node.is_compensation() => Role::Compensation,
        _ => Role::Step { compensable: node.undone_by.is_some() },
    };
    Step { id: node.id.text.clone(), label: node.label.text.clone(), method: node.names.method.clone(), role }
}
