//! Facts about all runs of a model, computed once per drawing. The rules turn them into findings.
//!
//! Everything here is about nodes and edges, never about texts. Soundness is as for workflow nets: every run
//! can end, no branch still runs then, and every node can run.

mod branches;
mod control_flow;
mod cycles;
mod owed;
mod reachability;
mod rollback_branch;
mod shared_node;
mod termination;
mod undo_order;
mod unsynchronized_end;

use std::collections::HashSet;

pub(crate) use control_flow::ControlFlow;
pub(crate) use owed::{NeverOwed, NeverOwedReason};
pub(crate) use reachability::Reachability;
pub(crate) use rollback_branch::RollbackBranch;
pub(crate) use shared_node::SharedNode;
pub(crate) use undo_order::Misordered;
pub(crate) use unsynchronized_end::UnsynchronizedEnd;

use crate::graph::NodeIx;
use crate::model::Model;
use crate::model::compensation::{SwappedPair, swapped_pairs};
use crate::model::rollback::entry_triggers;
use owed::Owed;
use shared_node::shared_nodes;
use undo_order::misordered;
use unsynchronized_end::unsynchronized_ends;

/// The analysis of the control flow of a complete model.
///
/// Cycles are paths from a node back to it.
pub(crate) struct FlowAnalysis {
    pub(crate) control_flow: ControlFlow,
    /// Cycles of the flow without a way out.
    pub(crate) cycles_without_exit: Vec<Vec<NodeIx>>,
    /// Cycles on which nothing is done or decided.
    pub(crate) cycles_without_work: Vec<Vec<NodeIx>>,
    /// Cycles of a rollback without a way out.
    pub(crate) rollback_cycles: Vec<Vec<NodeIx>>,
    /// Forks that one of their branches always starts again.
    pub(crate) endless_forks: Vec<Vec<NodeIx>>,
    /// Messages whose runs always send them again.
    pub(crate) endless_messages: Vec<Vec<NodeIx>>,
    pub(crate) unsynchronized_ends: Vec<UnsynchronizedEnd>,
    pub(crate) rollback_branches: Vec<RollbackBranch>,
    pub(crate) shared_nodes: Vec<SharedNode>,
    /// The triggers at which a rollback begins.
    pub(crate) entry_triggers: Vec<NodeIx>,
    pub(crate) misordered: Vec<Misordered>,
    pub(crate) never_owed: Vec<NeverOwed>,
    pub(crate) swapped_pairs: Vec<SwappedPair>,
    pub(crate) undecided: Undecided,
}

/// The nodes for which a search was stopped because it took too long.
#[derive(Default)]
pub(crate) struct Undecided {
    /// Forks: do their branches meet?
    pub(crate) joins: Vec<NodeIx>,
    /// Forks: do several of their branches reach one node?
    pub(crate) shared_nodes: Vec<NodeIx>,
    /// Compensations: are they in the right order?
    pub(crate) undo_order: Vec<NodeIx>,
    /// Compensations: have they ever something to undo?
    pub(crate) owed: Vec<NodeIx>,
    /// Compensations: does their label fit their step?
    pub(crate) swapped_pairs: Vec<NodeIx>,
}

impl FlowAnalysis {
    pub(crate) fn new(model: &Model, reachability: &Reachability) -> Self {
        let control_flow = ControlFlow::new(model);
        let finishes = termination::finishes(model, &control_flow.control);
        let endless_forks = termination::endless_forks(model, &control_flow, &finishes);
        let (mut unsynchronized_ends, undecided_joins) = unsynchronized_ends(model);
        // Until an endless fork is fixed, it is unknown what becomes of its other branches.
        let is_endless: HashSet<_> = endless_forks.iter().flatten().collect();
        unsynchronized_ends.retain(|end| !is_endless.contains(&end.fork));
        let (shared_nodes, undecided_shared) = shared_nodes(model, &finishes);
        let (misordered, undecided_order) = misordered(model, &control_flow);
        let Owed { never_owed, undecided: undecided_owed } = Owed::new(model, &control_flow, &misordered);
        let (misordered, undecided_order) =
            undo_order::done_before_rollback(model, &control_flow, misordered, undecided_order);
        let (swapped_pairs, undecided_swapped) = swapped_pairs(model);
        Self {
            cycles_without_exit: cycles::without_exit(model, &control_flow),
            cycles_without_work: cycles::without_work(model, &control_flow, reachability),
            rollback_cycles: cycles::of_rollback(&control_flow),
            endless_messages: termination::endless_messages(model, &control_flow, reachability, &finishes),
            rollback_branches: rollback_branch::rollback_branches(model, &finishes),
            entry_triggers: entry_triggers(model),
            control_flow,
            endless_forks,
            unsynchronized_ends,
            shared_nodes,
            misordered,
            never_owed,
            swapped_pairs,
            undecided: Undecided {
                joins: undecided_joins,
                shared_nodes: undecided_shared,
                undo_order: undecided_order,
                owed: undecided_owed,
                swapped_pairs: undecided_swapped,
            },
        }
    }
}
