//! Forks, and where their branches meet.

mod branches;
mod call;
mod doomed;
mod escape;
mod flow;
mod join;
mod shared;

pub(crate) use doomed::{Doomed, doomed};
pub(crate) use escape::{Escape, Escapes, escapes};
pub(crate) use shared::{Shared, SharedNode, shared};

pub(super) use call::merge_parallel_arrows;

use super::{Model, Node};

/// Drops the arrows that are returns of calls, and finds the join of each fork.
///
/// After this pass each drawn arrow of control is in `next`, or leads to a node that every other way from
/// its source goes through.
pub(super) fn join(model: &mut Model) {
    if model.nodes.iter().any(Node::is_fork) {
        call::drop_returns(model);
    }
}
