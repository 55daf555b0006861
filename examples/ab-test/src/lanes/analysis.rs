//! The lane `Analysis`: checks that the sample is valid, then analyzes it.

use flowgen::{Result, Visit};

use crate::Experiment;
use crate::analysis::{Look, Ratio, Reason, Verdict, guard, judge};
use crate::drawing::analysis::{self as drawn, Decided, GuardrailHarmed, SampleSound};

/// Analyzes samples.
#[derive(Clone, Copy, Debug, Default)]
pub struct Analysis;

impl drawn::Analysis<Experiment> for Analysis {
    async fn check_sample(&self, experiment: &mut Experiment, _: &Visit) -> Result {
        experiment.ratio = Some(Ratio::of(experiment.plan()?, &experiment.sample));
        experiment.verdict = experiment.flaw()?.map(Verdict::Invalid);
        Ok(())
    }

    async fn sample_sound(&self, experiment: &Experiment, _: &Visit) -> Result<SampleSound> {
        Ok(if experiment.verdict.is_none() { SampleSound::Yes } else { SampleSound::No })
    }

    async fn check_guardrails(&self, experiment: &mut Experiment, _: &Visit) -> Result {
        experiment.guarded = guard(experiment.plan()?, &experiment.sample);
        let harmed = experiment.guarded.iter().find(|guarded| guarded.is_harmed());
        let harm = harmed.map(|harmed| Reason::Harm { guardrail: harmed.guardrail.name.clone() });
        experiment.verdict = harm.map(Verdict::Keep);
        Ok(())
    }

    async fn guardrail_harmed(&self, experiment: &Experiment, _: &Visit) -> Result<GuardrailHarmed> {
        Ok(if experiment.verdict.is_none() { GuardrailHarmed::No } else { GuardrailHarmed::Yes })
    }

    async fn compare_variants(&self, experiment: &mut Experiment, _: &Visit) -> Result {
        let plan = experiment.plan()?.clone();
        let is_last = experiment.is_last_look()?;
        // If there are no new units, reuses the previous look: the step was retried, or no more units arrived.
        let before = experiment.looks.pop_if(|look| look.units == experiment.sample.len());
        let look = before.unwrap_or_else(|| Look::at(&plan, &experiment.sample, &experiment.looks));
        experiment.verdict = judge(&plan, &look, is_last);
        experiment.looks.push(look);
        Ok(())
    }

    async fn decided(&self, experiment: &Experiment, _: &Visit) -> Result<Decided> {
        Ok(match experiment.verdict {
            None => Decided::NotYet,
            Some(Verdict::Ship) => Decided::ShipB,
            Some(_) => Decided::StayWithA,
        })
    }
}
