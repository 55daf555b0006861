//! Forks, and where their branches meet.

mod call;
mod doomed;
mod escape;
mod join;

pub(crate) use doomed::{Doomed, doomed};
pub(crate) use escape::{Escape, Escapes, escapes};

pub(super) use call::merge_parallel_arrows;

use super::Model;

/// Finds the join of each fork.
///
/// After this pass a fork's `next` holds the branches that do something: a bare arrow to the join
/// is a call and return, and gone. Where but one branch is left, there is no fork.
pub(super) fn join(model: &mut Model) {
    for (fork, join) in join::find(model) {
        model[fork].join = Some(join);
        call::drop_bare_arrow(&mut model[fork]);
    }
}
