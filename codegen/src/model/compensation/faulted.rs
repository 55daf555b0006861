//! Pairs of which only a fault leads from the step to its compensation: through the trigger.

use super::rollback::trigger_of_faults;
use crate::model::graph::Graph;
use crate::model::{Model, NodeIx};

/// Pairs those compensations and steps that a fault of the step leads to. `suspects` is asked which
/// nodes look like compensations and are none, while they are taken for pairs.
pub(super) fn pair(
    model: &mut Model,
    mut pairs: Vec<(NodeIx, NodeIx)>,
    suspects: impl Fn(&Model) -> Vec<NodeIx>,
) -> Vec<(NodeIx, NodeIx)> {
    if pairs.is_empty() {
        return pairs;
    }
    for &(compensation, step) in &pairs {
        super::pair(model, step, compensation);
    }
    let trigger = trigger(model, &suspects);
    let led_to = led_to(model, trigger);
    let (kept, others): (Vec<_>, Vec<_>) = pairs.iter().partition(|&&pair| led_to(pair));
    drop(led_to);
    for (compensation, step) in others {
        super::part(model, step, compensation);
    }
    pairs = kept;
    // A trigger leads to compensations only. Without those that were just taken away it may be none.
    if self::trigger(model, &suspects) != trigger {
        for (compensation, step) in pairs.drain(..) {
            super::part(model, step, compensation);
        }
    }
    pairs
}

fn trigger(model: &mut Model, suspects: impl Fn(&Model) -> Vec<NodeIx>) -> Option<NodeIx> {
    let suspects = suspects(model);
    super::find_rollback(model, &suspects);
    trigger_of_faults(model)
}

/// Can a fault of the step lead to the compensation? What a message does leads to no trigger.
fn led_to(model: &Model, trigger: Option<NodeIx>) -> impl Fn((NodeIx, NodeIx)) -> bool + use<> {
    let control = Graph::control(model);
    let undoes = |node: NodeIx| model[node].is_compensation() || model[node].is_trigger;
    let forward = control.reach(model.starts.iter().copied(), |node| !undoes(node));
    let behind = control.reach(trigger, |_| true);
    move |(compensation, step)| forward[step.0] && behind[compensation.0]
}
