//! What findings claim, looked for in the runs of the drawing.

use std::collections::HashSet;

use flowgen::plan::Kind;
use flowgen::run::{Trace, Walked};
use flowgen_codegen::finding::Finding;
use flowgen_codegen::model::Model;

use crate::flaws::{ends_as_drawn, shows_end_while_running};
use crate::states::{Move, States};

/// A finding with the runs that have to show it.
pub(crate) struct Claim<'a> {
    states: &'a States,
    walk: Vec<u32>,
    /// The nodes that the finding points at beside its own.
    related: Vec<u32>,
    at: Option<u32>,
}

/// Is what the finding says true? An error says what is not. Nothing is known of a finding that
/// claims nothing about runs.
pub(crate) fn confirm(states: &States, model: &Model, finding: &Finding) -> Option<Result<(), String>> {
    let by_span = |start: usize| {
        let at = model.nodes.iter().position(|node| node.id.span.start == start)?;
        u32::try_from(at).ok()
    };
    let walk = finding.walk.iter().filter_map(|stop| by_span(stop.span.start)).collect();
    let related = finding.related.iter().filter_map(|related| by_span(related.span.start)).collect();
    let claim = Claim { states, walk, related, at: by_span(finding.span.start) };
    let shown = match finding.rule.code {
        "F204" => claim.never_runs(),
        "F205" => claim.leads_on_nowhere(),
        "F301" | "F302" => claim.no_way_out(),
        "F303" | "F304" => claim.end_while_running(),
        "F405" => claim.undone_though_done(),
        "F406" => claim.undone_in_order(),
        "F407" => claim.never_comes_to_end(),
        "F408" => claim.never_owed(),
        _ => return None,
    };
    let is_drawn = claim.is_drawn();
    Some(match (shown, is_drawn) {
        (true, true) => Ok(()),
        (false, _) => Err("no run shows it".to_owned()),
        (_, false) => Err("its walk is not along arrows".to_owned()),
    })
}

impl Claim<'_> {
    /// Each stop of the walk follows the one before along an arrow.
    fn is_drawn(&self) -> bool {
        let next = |node: u32| self.states.plan.nodes[node as usize].next;
        let join = |node: u32| self.states.plan.nodes[node as usize].join;
        self.walk.windows(2).all(|pair| next(pair[0]).contains(&pair[1]) || join(pair[0]) == Some(pair[1]))
    }

    /// The states in which a run has just gone the whole walk, whatever else it did meanwhile.
    fn walked(&self, walk: &[u32], counts: impl Fn(usize, &Walked) -> bool) -> HashSet<usize> {
        let advance = |at: usize, step: &Move| {
            step.walked.iter().fold(at, |at, walked| {
                let is_next = walk.get(at) == Some(&walked.node) && counts(at, walked);
                at + usize::from(is_next)
            })
        };
        self.products(0, advance, |at| *at == walk.len())
    }

    /// The states that runs come to with an accepted memory, where each move changes the memory.
    fn products<M: Copy + Eq + std::hash::Hash>(
        &self,
        first: M,
        advance: impl Fn(M, &Move) -> M,
        accepts: impl Fn(&M) -> bool,
    ) -> HashSet<usize> {
        let set_out = self.states.roots.iter().map(|root| &root.set_out);
        let mut open: Vec<(usize, M)> = set_out.map(|step| (step.to, advance(first, step))).collect();
        let mut seen: HashSet<(usize, M)> = HashSet::new();
        let mut accepted = HashSet::new();
        while let Some((at, memory)) = open.pop() {
            if !seen.insert((at, memory)) {
                continue;
            }
            if accepts(&memory) {
                accepted.insert(at);
                continue;
            }
            let moves = self.states.all[at].moves.iter();
            open.extend(moves.map(|step| (step.to, advance(memory, step))));
        }
        accepted
    }

    fn never_runs(&self) -> bool {
        !self.states.is_complete || self.at.is_some_and(|at| !self.states.ran().contains(&at))
    }

    /// A run comes there, and is not over as drawn then; unless other branches go on.
    fn leads_on_nowhere(&self) -> bool {
        let Some(at) = self.at else { return false };
        let leads = self.states.lead_to(ends_as_drawn);
        let there = self.walked(&[at], |_, _| true);
        let is_left = |state: &usize| !leads[*state];
        there.is_empty() || there.iter().any(is_left) || self.in_fork(&there) || !self.states.is_complete
    }

    /// Where other branches go on, they may come to an end and this one does not.
    fn in_fork(&self, _: &HashSet<usize>) -> bool {
        self.states.plan.nodes.iter().any(|node| node.kind != Kind::Decision && node.next.len() > 1)
    }

    fn no_way_out(&self) -> bool {
        let leads = self.states.lead_to(ends_as_drawn);
        let there = self.walked(&self.walk, |_, _| true);
        !there.is_empty() && (there.iter().any(|state| !leads[*state]) || self.in_fork(&there))
    }

    fn end_while_running(&self) -> bool {
        let there = self.walked(&self.walk, |_, _| true);
        there.iter().any(|state| shows_end_while_running(self.states, *state))
    }

    /// The step is done, and a run goes on into a rollback that is drawn.
    fn undone_though_done(&self) -> bool {
        let leads = self.states.lead_to(ends_as_drawn);
        let counts = |at: usize, walked: &Walked| at > 0 || walked.trace == Trace::Done;
        let there = self.walked(&self.walk, counts);
        there.iter().any(|state| leads[*state])
    }

    /// What is related is the step that is done first and the one that is done later.
    fn undone_in_order(&self) -> bool {
        let &[earlier, later] = &self.related[..] else { return false };
        let undid = |step: &Move, of: u32| {
            let is_it = |walked: &Walked| matches!(walked.trace, Trace::Undid { node, .. } if node == of);
            step.walked.iter().any(is_it)
        };
        let advance = |at: u8, step: &Move| match at {
            0 if undid(step, earlier) => 1,
            1 if undid(step, later) => 2,
            at => at,
        };
        !self.products(0, advance, |at| *at == 2).is_empty() && !self.walked(&self.walk, |_, _| true).is_empty()
    }

    /// Once a rollback has gone round, it comes to no end by itself.
    fn never_comes_to_end(&self) -> bool {
        let Some((_, round)) = self.walk.split_last() else { return false };
        let ends = |step: &Move| {
            step.walked.iter().any(|walked| self.states.plan.nodes[walked.node as usize].kind == Kind::End)
        };
        let is_over = |at: &usize| self.states.all[*at].moves.iter().all(|step| !ends(step));
        let there = self.walked(round, |_, _| true);
        !there.is_empty() && there.iter().any(is_over)
    }

    /// A run comes to the compensation, and nothing is ever owed to it.
    fn never_owed(&self) -> bool {
        let skipped = |at: usize, walked: &Walked| at + 1 < self.walk.len() || walked.trace == Trace::Skipped;
        !self.walked(&self.walk, skipped).is_empty()
    }
}
