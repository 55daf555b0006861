//! Small changes that people make by mistake.

use flowgen_codegen::model::Model;

use crate::dice::Dice;
use crate::sketch::{CIRCLE, Sketch};
use crate::wild::swap;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    DropArrow,
    RetargetArrow,
    DropOutcome,
    SwapCompensations,
    CutJoin,
}

impl Kind {
    pub(crate) const ALL: [Self; 5] =
        [Self::DropArrow, Self::RetargetArrow, Self::DropOutcome, Self::SwapCompensations, Self::CutJoin];
}

/// A changed copy; `None` where there is nothing to change in this way.
pub(crate) fn mutate(kind: Kind, sketch: &Sketch, model: &Model, dice: &mut Dice) -> Option<Sketch> {
    let mut mutant = sketch.clone();
    let arrows = |is: &dyn Fn(usize) -> bool| -> Vec<usize> {
        (0..sketch.arrows.len()).filter(|at| is(*at)).collect()
    };
    let leaves_decision = |at: usize| sketch.is_decision(sketch.arrows[at].from);
    match kind {
        Kind::DropArrow => {
            let at = dice.pick(&arrows(&|at| !leaves_decision(at)))?;
            mutant.arrows.remove(at);
        }
        Kind::DropOutcome => {
            let at = dice.pick(&arrows(&|at| leaves_decision(at)))?;
            mutant.arrows.remove(at);
        }
        Kind::RetargetArrow => {
            let at = dice.pick(&arrows(&|at| sketch.arrows[at].is_control()))?;
            let to = dice.below(sketch.nodes.len());
            if to == mutant.arrows[at].to {
                return None;
            }
            mutant.arrows[at].to = to;
        }
        Kind::SwapCompensations => {
            if !swap(&mut mutant, dice) {
                return None;
            }
        }
        Kind::CutJoin => {
            let joins: Vec<usize> =
                model.nodes.iter().filter_map(|node| node.join).map(|join| join.0).collect();
            let ids: Vec<&str> = joins.iter().map(|join| model.nodes[*join].id.text.as_str()).collect();
            let is_join = |node: usize| ids.contains(&format!("n{}", node + 1).as_str());
            let at =
                dice.pick(&arrows(&|at| sketch.arrows[at].is_control() && is_join(sketch.arrows[at].to)))?;
            let end = mutant.node(CIRCLE, "Cut off", sketch.nodes[sketch.arrows[at].from].lane);
            mutant.arrows[at].to = end;
        }
    }
    Some(mutant)
}
