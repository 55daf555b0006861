use super::{DataError, NotFusable, Resolver};
use crate::model::data::{GivenOutcome, Gives};
use crate::model::{Arrow, Kind, Model, NodeIx};
use crate::source::Span;
use crate::syntax::declaration::{DataItem, OutcomeOutput};

impl Resolver<'_> {
    /// What a step gives whose item lists outcomes. `None` if the outcomes are not those of a decision that can be
    /// fused with it.
    pub(super) fn fused(&mut self, step: NodeIx, item: &DataItem, listed: &[OutcomeOutput]) -> Option<Gives> {
        let span = item.node.span();
        let decision = match fusable(self.model, step) {
            Ok(decision) => decision,
            Err(why) => {
                self.errors.push(DataError::NotFusable { node: step, span, why });
                return None;
            }
        };
        let by_outcome = self.by_outcome(decision, listed);
        let is_complete = self.are_all_listed(span, decision, listed, &by_outcome);
        let names: Vec<_> = by_outcome
            .iter()
            .map(|listed| {
                let output = listed.as_ref().and_then(|listed| listed.output.as_ref());
                output.and_then(|output| self.values.find(&output.name.text))
            })
            .collect();
        let done = self.done(step, decision, item, &by_outcome);
        let outcomes = names.into_iter().zip(done).map(|(name, is_done)| GivenOutcome { name, is_done });
        is_complete.then(|| Gives::Outcomes { decision, outcomes: outcomes.collect() })
    }

    /// The listed outcomes in the order of the decision.
    fn by_outcome<'l>(
        &mut self,
        decision: NodeIx,
        listed: &'l [OutcomeOutput],
    ) -> Vec<Option<&'l OutcomeOutput>> {
        let mut by_outcome: Vec<Option<&OutcomeOutput>> = vec![None; self.model[decision].next.len()];
        for listed in listed {
            match outcome_named(self.model, decision, &listed.outcome.text).map(|at| &mut by_outcome[at]) {
                Some(Some(first)) => {
                    let (outcome, first) = (listed.outcome.clone(), first.outcome.span);
                    self.errors.push(DataError::OutcomeTwice { outcome, first });
                }
                Some(free) => *free = Some(listed),
                None => {
                    let outcome = listed.outcome.clone();
                    self.errors.push(DataError::UnknownOutcome { outcome, decision });
                }
            }
        }
        by_outcome
    }

    fn are_all_listed(
        &mut self,
        span: Span,
        decision: NodeIx,
        listed: &[OutcomeOutput],
        by_outcome: &[Option<&OutcomeOutput>],
    ) -> bool {
        let Some(outcome) = by_outcome.iter().position(Option::is_none) else { return true };
        // A misspelled outcome is one error.
        if listed.iter().all(|listed| outcome_named(self.model, decision, &listed.outcome.text).is_some()) {
            self.errors.push(DataError::UnlistedOutcome { span, decision, outcome });
        }
        false
    }

    /// By outcome: is the step done then?
    fn done(
        &mut self,
        step: NodeIx,
        decision: NodeIx,
        item: &DataItem,
        by_outcome: &[Option<&OutcomeOutput>],
    ) -> Vec<bool> {
        if self.model[step].undone_by.is_none() {
            self.done_is_unused(step, item);
            return vec![true; by_outcome.len()];
        }
        let output = |at: usize| by_outcome[at].and_then(|listed| listed.output.as_ref());
        let mut is_done = vec![false; by_outcome.len()];
        if item.done.is_empty() {
            let mut giving = (0..by_outcome.len()).filter(|&at| output(at).is_some());
            match (giving.next(), giving.next()) {
                (Some(only), None) => is_done[only] = true,
                _ if by_outcome.contains(&None) => {}
                _ => self.errors.push(DataError::DoneUnnamed { step, span: item.node.span() }),
            }
            return is_done;
        }
        let mut first = None;
        for outcome in &item.done {
            let Some(at) = outcome_named(self.model, decision, &outcome.text) else {
                self.errors.push(DataError::UnknownOutcome { outcome: outcome.clone(), decision });
                continue;
            };
            is_done[at] = true;
            let name = output(at).map(|output| &output.name.text);
            let &mut (first, first_name) = first.get_or_insert((outcome, name));
            if name != first_name {
                let (first, second) = (first.clone(), outcome.clone());
                self.errors.push(DataError::DoneDiffers { first, second });
            }
        }
        is_done
    }
}

/// The outcome of this name in generated code, an index of the decision's `next`.
fn outcome_named(model: &Model, decision: NodeIx, name: &str) -> Option<usize> {
    model[decision].next.iter().position(|arrow| arrow.outcome == name)
}

/// The decision that can be fused with a step: the only edge of the step and no other edge leads to it.
fn fusable(model: &Model, step: NodeIx) -> Result<NodeIx, NotFusable> {
    let [Arrow { to: decision, span: edge, .. }] = model[step].next[..] else {
        return Err(NotFusable::NoDecision);
    };
    if model[decision].kind != Kind::Decision {
        return Err(NotFusable::NoDecision);
    }
    if model[decision].lane != model[step].lane {
        return Err(NotFusable::OtherLane { decision, edge });
    }
    for from in model.indices() {
        let node = &model[from];
        let sends = node.sends.iter();
        let others = node.next.iter().filter(|_| from != step).chain(sends);
        if let Some(edge) = others.filter(|arrow| arrow.to == decision).map(|arrow| arrow.span).next() {
            return Err(NotFusable::OtherSource { decision, from, edge });
        }
    }
    Ok(decision)
}
