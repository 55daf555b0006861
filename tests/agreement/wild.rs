//! Drawings without any plan: some nodes, some arrows. And changes to drawings that had one.

use crate::dice::Dice;
use crate::sketch::{CIRCLE, DECISION, Loop, STEP, Sketch, TASK, UNDO};

/// Any nodes with any arrows.
pub(crate) fn draw(dice: &mut Dice, nodes: usize) -> Sketch {
    let mut sketch = Sketch::default();
    let lanes = dice.within(1, 2);
    for at in 0..nodes {
        let shape = match dice.below(12) {
            _ if at == 0 => CIRCLE,
            0..=2 => CIRCLE,
            3..=5 => DECISION,
            6 => TASK,
            _ => STEP,
        };
        let lane = dice.below(lanes);
        sketch.node(shape, format!("Node {at}"), lane);
    }
    for from in 0..nodes {
        let arrows = match sketch.nodes[from].shape {
            DECISION => 2,
            _ => [0, 1, 1, 1, 1, 2][dice.below(6)].max(usize::from(from == 0)),
        };
        for _ in 0..arrows {
            // Mostly onward, so that most of it is reached.
            let to = if dice.once_in(4) { dice.below(nodes) } else { (from + dice.within(1, 2)).min(nodes - 1) };
            arrow(&mut sketch, dice, from, to);
        }
    }
    if dice.once_in(5) {
        bound(&mut sketch, dice);
    }
    sketch
}

fn arrow(sketch: &mut Sketch, dice: &mut Dice, from: usize, to: usize) {
    let label = match dice.below(12) {
        0 => "async: Tell".to_owned(),
        1 | 2 if sketch.nodes[from].shape == STEP => UNDO.to_owned(),
        _ if sketch.is_decision(from) => format!("To {to}"),
        _ => String::new(),
    };
    sketch.arrow(from, to, label);
}

fn bound(sketch: &mut Sketch, dice: &mut Dice) {
    let first = dice.below(sketch.nodes.len());
    let last = dice.within(first, (first + 3).min(sketch.nodes.len() - 1));
    let text = ["max 1", "max 2", "until good"][dice.below(3)].to_owned();
    sketch.loops.push(Loop { text, nodes: (first..=last).collect() });
}

/// Changes something, whatever comes of it.
pub(crate) fn edit(sketch: &mut Sketch, dice: &mut Dice) {
    let nodes = sketch.nodes.len();
    let arrow_at = (!sketch.arrows.is_empty()).then(|| dice.below(sketch.arrows.len()));
    match (dice.below(10), arrow_at) {
        (0 | 1, Some(at)) => drop(sketch.arrows.remove(at)),
        (2..=4, Some(at)) => sketch.arrows[at].to = dice.below(nodes),
        (5, Some(at)) => sketch.arrows[at].from = dice.below(nodes),
        (6, Some(at)) if !sketch.is_decision(sketch.arrows[at].from) => {
            sketch.arrows[at].label = ["", "async: Tell", UNDO][dice.below(3)].to_owned();
        }
        (7, _) => {
            let node = dice.below(nodes);
            sketch.nodes[node].shape = [CIRCLE, STEP, DECISION][dice.below(3)];
        }
        (8, _) => bound(sketch, dice),
        _ => {
            let (from, to) = (dice.below(nodes), dice.below(nodes));
            arrow(sketch, dice, from, to);
        }
    }
}
