//! Drawings without any plan: some nodes, some arrows. And changes to drawings that had one.

use crate::dice::Dice;
use crate::sketch::{CIRCLE, DECISION, Loop, STEP, Sketch, TASK, UNDO};

/// Any arrows, of which one leads to each node, and shapes that go with them mostly.
pub(crate) fn draw(dice: &mut Dice, nodes: usize) -> Sketch {
    let mut sketch = Sketch::default();
    let lanes = dice.within(1, 2);
    for at in 0..nodes {
        let lane = dice.below(lanes);
        sketch.node(STEP, format!("Node {at}"), lane);
    }
    for at in 1..nodes {
        let from = if dice.once_in(3) { dice.below(at) } else { at - 1 };
        sketch.arrow(from, at, "");
    }
    for _ in 0..dice.below(nodes) {
        let (from, to) = (dice.below(nodes), dice.below(nodes));
        sketch.arrow(from, to, "");
    }
    for at in 0..nodes {
        let leaving = sketch.arrows.iter().filter(|arrow| arrow.from == at).count();
        sketch.nodes[at].shape = match (leaving, dice.below(8)) {
            _ if at == 0 => CIRCLE,
            (0, 1..) | (1, 0 | 1) => CIRCLE,
            (2.., 3..) | (1, 2) => DECISION,
            (_, 7) => TASK,
            _ => STEP,
        };
    }
    for at in 0..sketch.arrows.len() {
        let (from, to) = (sketch.arrows[at].from, sketch.arrows[at].to);
        if sketch.is_decision(from) {
            sketch.arrows[at].label = format!("To {to}");
        } else if dice.once_in(12) {
            "async: Tell".clone_into(&mut sketch.arrows[at].label);
        }
    }
    for _ in 0..dice.below(3) {
        let steps: Vec<usize> = (0..nodes).filter(|node| sketch.nodes[*node].shape == STEP).collect();
        if let (Some(from), Some(to)) = (dice.pick(&steps), dice.pick(&steps)) {
            sketch.arrow(from, to, UNDO);
        }
    }
    if dice.once_in(5) {
        bound(&mut sketch, dice);
    }
    sketch
}

/// Steps that fork more often than not: branches that meet too early, or start themselves again, calls that
/// return too far, and messages that send others.
pub(crate) fn draw_forks(dice: &mut Dice, nodes: usize) -> Sketch {
    let mut sketch = Sketch::default();
    sketch.node(CIRCLE, "Begun", 0);
    for at in 1..nodes {
        let shape = [STEP, STEP, STEP, STEP, TASK, CIRCLE, DECISION][dice.below(7)];
        sketch.node(shape, format!("Node {at}"), 0);
    }
    let ends = [sketch.node(CIRCLE, "Ended", 0), sketch.node(CIRCLE, "Ended otherwise", 0)];
    let mut pairs: Vec<(usize, usize)> = Vec::new();
    for at in 1..nodes {
        pairs.push((dice.within(at.saturating_sub(3), at - 1), at));
    }
    for at in 1..nodes {
        if at + 1 < nodes && dice.once_in(2) {
            pairs.push((at, dice.within(at + 1, (at + 3).min(nodes - 1))));
        }
        if dice.once_in(10) {
            pairs.push((at, dice.within(1, at)));
        }
        let leaving = pairs.iter().filter(|(from, _)| *from == at).count();
        if leaving == 0 || sketch.is_decision(at) && leaving == 1 {
            pairs.push((at, ends[usize::from(dice.once_in(6))]));
        }
    }
    for (from, to) in pairs {
        let label = if sketch.is_decision(from) { format!("To {to}") } else { String::new() };
        sketch.arrow(from, to, label);
    }
    if dice.once_in(3) {
        let (from, to) = (dice.within(1, nodes - 1), dice.within(1, nodes - 1));
        sketch.arrow(from, to, "async: Tell");
    }
    let unused = ends.into_iter().rev().filter(|end| sketch.arrows.iter().all(|arrow| arrow.to != *end));
    unused.collect::<Vec<_>>().into_iter().fold(sketch, |sketch, end| sketch.without(end, None))
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
    match (dice.below(12), arrow_at) {
        (0 | 1, Some(at)) => drop(sketch.arrows.remove(at)),
        (2..=4, Some(at)) => sketch.arrows[at].to = dice.below(nodes),
        (5, Some(at)) => sketch.arrows[at].from = dice.below(nodes),
        (6, Some(at)) if !sketch.is_decision(sketch.arrows[at].from) => {
            ["", "async: Tell", UNDO][dice.below(3)].clone_into(&mut sketch.arrows[at].label);
        }
        (7, _) => {
            let node = dice.below(nodes);
            sketch.nodes[node].shape = [CIRCLE, STEP, DECISION][dice.below(3)];
        }
        (8, _) => bound(sketch, dice),
        (9, _) => drop(swap(sketch, dice)),
        _ => {
            let (from, to) = (dice.below(nodes), dice.below(nodes));
            arrow(sketch, dice, from, to);
        }
    }
}

/// Two steps undone by each other's compensation.
pub(crate) fn swap(sketch: &mut Sketch, dice: &mut Dice) -> bool {
    let undoing: Vec<usize> = (0..sketch.arrows.len()).filter(|at| sketch.arrows[*at].is_undo()).collect();
    let (Some(one), Some(other)) = (dice.pick(&undoing), dice.pick(&undoing)) else { return false };
    let (first, second) = (sketch.arrows[one].to, sketch.arrows[other].to);
    (sketch.arrows[one].to, sketch.arrows[other].to) = (second, first);
    first != second
}
