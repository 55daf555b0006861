//! Facts about all runs of a model, computed once per drawing. The rules turn them into findings.
//!
//! Everything here is about nodes and edges, never about texts. Soundness is as for workflow nets: every run
//! can end, no branch still runs then, and every node can run.

mod branches;
mod control_flow;
mod cycles;
mod data;
mod owed;
mod reachability;
mod rollback_branch;
mod shared_node;
mod termination;
mod undo_order;
mod unsynchronized_end;

use std::collections::HashSet;

pub(crate) use control_flow::ControlFlow;
pub(crate) use data::{ConcurrentOutputs, DataFlow, MissingInput, MissingReason};
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
    /// Of the declared data; `None` without a declaration, or if some of it could not be read.
    pub(crate) data: Option<DataFlow>,
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
        // Until an endless fork is fixed, the end of its other branches is unknown.
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
            data: DataFlow::new(model),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Kind::{self, Decision, End, Milestone, Start, Step};

    fn analyzed(kinds: &[Kind], edges: &[(usize, usize)], undone_by: &[(usize, usize)]) -> FlowAnalysis {
        let model = Model::sketch(kinds, edges, undone_by);
        FlowAnalysis::new(&model, &Reachability::new(&model))
    }

    fn indexes(path: &[NodeIx]) -> Vec<usize> {
        path.iter().map(|node| node.0).collect()
    }

    #[test]
    fn a_cycle_without_exit_is_a_path_back_to_its_entry() {
        let kinds = [Start, Decision, Step, Step, End];
        let flow = analyzed(&kinds, &[(0, 1), (1, 4), (1, 2), (2, 3), (3, 2)], &[]);
        assert_eq!(
            flow.cycles_without_exit.iter().map(|cycle| indexes(cycle)).collect::<Vec<_>>(),
            [[2, 3, 2]]
        );
        assert!(flow.cycles_without_work.is_empty());
    }

    #[test]
    fn a_cycle_of_circles_is_one_without_work() {
        let flow = analyzed(
            &[Start, Milestone, Milestone, Decision, End],
            &[(0, 3), (3, 4), (3, 1), (1, 2), (2, 1)],
            &[],
        );
        assert_eq!(indexes(&flow.cycles_without_work[0]), [1, 2, 1]);
        assert!(flow.cycles_without_exit.is_empty(), "that is one error");
    }

    #[test]
    fn a_branch_that_ends_alone_is_found_with_the_join_that_it_misses() {
        let kinds = [Start, Step, Decision, Step, End, Step, End];
        let flow = analyzed(&kinds, &[(0, 1), (1, 2), (1, 3), (2, 4), (2, 5), (3, 5), (5, 6)], &[]);
        let [end] = &flow.unsynchronized_ends[..] else { panic!("{}", flow.unsynchronized_ends.len()) };
        assert_eq!((end.fork, end.join, indexes(&end.path)), (NodeIx(1), Some(NodeIx(5)), vec![1, 2, 4]));
    }

    #[test]
    fn a_fork_that_a_branch_starts_again_is_endless() {
        let flow = analyzed(&[Start, Step, Step, Step, End], &[(0, 1), (1, 2), (2, 1), (1, 3), (3, 4)], &[]);
        assert_eq!(indexes(&flow.endless_forks[0]), [1, 2, 1]);
        assert!(flow.unsynchronized_ends.is_empty(), "unknown until the fork is fixed");
    }

    #[test]
    fn a_node_that_two_of_three_branches_reach_is_shared() {
        let kinds = [Start, Step, Step, Step, Step, Step, Step, End];
        let edges = [(0, 1), (1, 2), (1, 3), (1, 4), (2, 5), (3, 5), (5, 6), (4, 6), (6, 7)];
        let flow = analyzed(&kinds, &edges, &[]);
        let [shared] = &flow.shared_nodes[..] else { panic!("{}", flow.shared_nodes.len()) };
        assert_eq!((shared.fork, shared.node), (NodeIx(1), NodeIx(5)));
        assert_eq!(shared.paths.each_ref().map(|path| indexes(path)), [[1, 2, 5], [1, 3, 5]]);
    }

    /// A step (1) and a trigger (3) that leads to its compensation (4).
    #[test]
    fn a_branch_that_always_rolls_back_is_found_with_the_path_there() {
        let kinds = [Start, Step, Step, Step, Step, End, Step, End];
        let edges = [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (2, 6), (6, 7)];
        let flow = analyzed(&kinds, &edges, &[(1, 4)]);
        let [branch] = &flow.rollback_branches[..] else { panic!("{}", flow.rollback_branches.len()) };
        assert_eq!((branch.fork, indexes(&branch.path)), (NodeIx(2), vec![2, 3]));
        assert_eq!(
            (indexes(&flow.entry_triggers), indexes(&flow.control_flow.rollback_entries)),
            (vec![3], vec![3])
        );
    }

    /// Steps 1 and 2, a decision (3), and a trigger (5) that leads to their compensations 6 and 7.
    #[test]
    fn a_rollback_in_the_order_of_the_steps_is_misordered() {
        let kinds = [Start, Step, Step, Decision, End, Step, Step, Step, End];
        let edges = [(0, 1), (1, 2), (2, 3), (3, 4), (3, 5), (5, 6), (6, 7), (7, 8)];
        let [first] = &analyzed(&kinds, &edges, &[(1, 6), (2, 7)]).misordered[..] else { panic!("none") };
        assert_eq!([first.first, first.then, first.earlier, first.later].map(|node| node.0), [6, 7, 1, 2]);
        assert_eq!(indexes(&first.path), [5, 6, 7]);
        assert!(analyzed(&kinds, &edges, &[(1, 7), (2, 6)]).misordered.is_empty());
    }

    /// The compensation (3) of a step (5) that is only done after it.
    #[test]
    fn a_compensation_before_its_step_is_never_owed() {
        let kinds = [Start, Step, Decision, Step, End, Step, End];
        let edges = [(0, 1), (1, 2), (2, 3), (3, 4), (2, 5), (5, 6)];
        let flow = analyzed(&kinds, &edges, &[(5, 3)]);
        let [never_owed] = &flow.never_owed[..] else { panic!("{}", flow.never_owed.len()) };
        assert_eq!((never_owed.node, indexes(&never_owed.path)), (NodeIx(3), vec![0, 1, 2, 3]));
        assert!(never_owed.reason == NeverOwedReason::NoPathFromSteps);
    }
}
