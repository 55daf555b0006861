//! How often a run comes to the first node of a bounded loop, counted from its path.

use flowgen::plan::{LoopSpec, Plan};
use flowgen::run::{PathEntry, State};

use super::{Between, Oracle, Verdict, rule};

impl Oracle {
    /// Control went along the arrows to `to`, over the nodes in `passed`.
    pub(super) fn judge_passes(&self, between: Between<'_>, passed: &[PathEntry], to: &[u32]) -> Verdict {
        let Between { plan, before, after } = between;
        // A run that has just been made has no state before.
        let known = if std::ptr::eq(before, after) { 0 } else { before.faults().len() };
        let new = &after.faults()[known..];
        for looped in plan.loops {
            let Some(bound) = looped.bound else { continue };
            let is_alone = plan.loops.iter().filter(|other| other.head == looped.head).count() == 1;
            if self.course.is_forward() && is_alone {
                let passes_around = around(plan, looped).map(|outer| 1 + self.arrivals(after, outer));
                let most = bound as usize * passes_around.product::<usize>();
                let arrivals = self.arrivals(after, looped.head);
                rule!(arrivals <= most, "a loop makes no more passes than its bound allows");
            }
            let message = format!("the loop `{}` has made all its {bound} passes", looped.text);
            if new.iter().any(|fault| fault.node == looped.head && fault.fault.to_string() == message) {
                let came = passed.iter().flat_map(|entry| plan.nodes[entry.node as usize].next);
                let joins = plan.nodes.iter().filter_map(|spec| spec.join.as_ref());
                let may_come = came.chain(to).chain(joins).filter(|node| **node == looped.head).count();
                // Branches that were due there before are stopped now.
                let due = before.due().filter(|due| due.node == looped.head && !due.interrupted).count();
                let seen = self.arrivals(after, looped.head) + due;
                rule!(seen + may_come > bound as usize, "a loop stops only a pass beyond its bound");
            }
        }
        Ok(())
    }

    /// How often control has come to a node: what came of it is in the path, or it is still to come.
    fn arrivals(&self, state: &State, node: u32) -> usize {
        let arrivals = state.path().iter().filter(|entry| entry.node == node && !is_turned_away(entry));
        let due = state.due().filter(|due| due.node == node && !due.interrupted).count();
        arrivals.count() + due + self.begun.values().filter(|begun| begun.visited.0 == node).count()
    }
}

/// It came to a node and was not let in.
fn is_turned_away(entry: &PathEntry) -> bool {
    entry.visit == 0 && entry.outcome == flowgen::run::VisitOutcome::Faulted
}

/// The first nodes of the loops that hold all nodes of this one, and more.
fn around<'p>(plan: &'p Plan, inner: &'p LoopSpec) -> impl Iterator<Item = u32> + 'p {
    let holds = |outer: &LoopSpec| inner.nodes.iter().all(|node| outer.nodes.contains(node));
    let is_around = move |outer: &&LoopSpec| outer.nodes.len() > inner.nodes.len() && holds(outer);
    plan.loops.iter().filter(is_around).map(|outer| outer.head)
}
