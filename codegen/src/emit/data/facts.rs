//! What the emission of several items asks of the data.

use crate::model::data::{Data, Gives, NameIx, Take};
use crate::model::{Model, NodeIx};

/// The value that a compensation gets of a step that was done; `None` if the step gives none.
pub(super) fn undone_value(data: &Data, step: NodeIx) -> Option<NameIx> {
    let value = match data.gives(step) {
        Gives::Nothing => None,
        Gives::Value(name) => Some(*name),
        Gives::Outcomes { outcomes, .. } => {
            outcomes.iter().find(|outcome| outcome.is_done).and_then(|outcome| outcome.name)
        }
    };
    value.filter(|&name| !is_moved(data, name))
}

/// Does a node take it as `take x`?
pub(super) fn is_moved(data: &Data, name: NameIx) -> bool {
    data.nodes.values().flat_map(|node| &node.takes).any(|taken| taken.take == Take::Moved(name))
}

/// The step that answers a decision.
pub(crate) fn answered_by(data: &Data, decision: NodeIx) -> Option<NodeIx> {
    let answers = |gives: &Gives| gives.decision() == Some(decision);
    data.nodes.iter().find(|(_, node)| answers(&node.gives)).map(|(&step, _)| step)
}

/// Does generated code read a value of this name?
pub(super) fn is_read(model: &Model, data: &Data, name: NameIx) -> bool {
    let takes = |take: Take| take.name() == Some(name);
    let is_undone =
        |step: &NodeIx| model[*step].undone_by.is_some() && undone_value(data, *step) == Some(name);
    data.nodes.values().flat_map(|node| &node.takes).any(|taken| takes(taken.take))
        || data.nodes.keys().any(is_undone)
}
