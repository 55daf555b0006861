//! What is expected of a run.

use std::collections::BTreeMap;

use flowgen::Flow;

use crate::engine::{Ability, Engine, Interruption, Job, Mend, Policies};
use crate::report::Report;
use crate::script::{Act, Script};
use crate::world::Sign;

/// A case: a script, what happens to the run, and what has to become of it.
#[derive(Clone, Debug, Default)]
pub struct Expected {
    /// The context of the run.
    pub script: Script,
    /// Retries and timeouts.
    pub policies: Policies,
    /// What happens when a step rings.
    pub interruption: Option<Interruption>,
    /// What an operator does once the run is over.
    pub mends: Vec<Mend>,
    /// What the engine has to be able to do.
    pub abilities: Vec<Ability>,
    /// How the run ends, in words.
    pub outcome: &'static str,
    /// Where it goes, label by label.
    pub path: &'static [&'static str],
    /// What is done: the context at the end has these keys, in this order.
    pub did: &'static [&'static str],
    /// Of what its steps are told that the run is rolled back for it: `n9: cancelled`.
    pub causes: &'static [&'static str],
    /// How its messages end.
    pub messages: &'static [&'static str],
    /// Branches run at once, and their steps may be done, and undone, in any order.
    pub any_order: bool,
}

impl Expected {
    /// Runs the case and says what is not as expected; by panic, since this is a test.
    ///
    /// # Panics
    ///
    /// Where the run does not become what is expected.
    pub async fn of<F>(self, engine: &impl Engine, case: &str, flow: F)
    where
        F: Flow<Script> + Send + Sync + 'static,
    {
        for ability in self.abilities() {
            if let Some(reason) = engine.lacks(ability) {
                println!("{}: not `{case}`, which wants {ability:?}: {reason}", engine.name());
                return;
            }
        }
        let run = format!("{}-{}", engine.name(), case).replace([' ', ':'], "-");
        let job = Job {
            run: run.clone(),
            start: 0,
            script: Script { world: run, ..self.script.clone() },
            policies: self.policies.clone(),
            interruption: self.interruption,
            mends: self.mends.clone(),
        };
        let world = job.world();
        let ended = engine.perform(flow, job).await;
        self.compare(&Report::of(&ended), &format!("{}: {case}", engine.name()));
        nothing_is_done_twice(&world.signs());
        match self.interruption {
            Some(Interruption::Crash) => {
                let signs = world.signs();
                assert!(self.all_that_rang_began(&signs, 2), "what was interrupted began again: {signs:?}");
            }
            Some(Interruption::CrashAndCancel) => {
                let signs = world.signs();
                assert!(!self.all_that_rang_began(&signs, 2), "it was cancelled, and began again: {signs:?}");
            }
            Some(Interruption::Cancel) | None => {}
        }
    }

    /// Did each visit that rang begin so often, or leave no sign at all, as decisions do?
    fn all_that_rang_began(&self, signs: &[Sign], times: usize) -> bool {
        let rang = self.script.deeds.iter().filter(|deed| deed.act == Act::Ring);
        rang.map(|deed| format!("/{}/", deed.node)).all(|node| {
            let begun: Vec<_> =
                signs.iter().filter(|sign| sign.began().is_some_and(|key| key.contains(&node))).collect();
            let count = |sign| begun.iter().filter(|other| *other == sign).count();
            begun.is_empty() || begun.iter().any(|sign| count(sign) >= times)
        })
    }

    fn abilities(&self) -> Vec<Ability> {
        let interruption = self.interruption.map(|interruption| match interruption {
            Interruption::Cancel => Ability::Cancel,
            Interruption::Crash | Interruption::CrashAndCancel => Ability::Crash,
        });
        let mend = (!self.mends.is_empty()).then_some(Ability::Mend);
        let retry = (!self.policies.retries.is_empty()).then_some(Ability::Retry);
        let timeout = (!self.policies.timeouts.is_empty()).then_some(Ability::Timeout);
        self.abilities.iter().copied().chain(interruption).chain(mend).chain(retry).chain(timeout).collect()
    }

    fn compare(&self, report: &Report, case: &str) {
        let sorted = |mut path: Vec<String>| {
            if self.any_order {
                path.sort();
            }
            path
        };
        let wanted = self.path.iter().map(ToString::to_string).collect();
        assert_eq!(report.outcome, self.outcome, "{case}: {report:#?}");
        assert_eq!(sorted(report.path.clone()), sorted(wanted), "{case}: the path");
        let wanted = self.did.iter().map(ToString::to_string).collect();
        assert_eq!(sorted(report.did.clone()), sorted(wanted), "{case}: what was done");
        assert_eq!(report.causes, self.causes, "{case}: the causes that steps are told");
        let messages: Vec<&str> = report.messages.iter().map(|message| message.outcome.as_str()).collect();
        assert_eq!(messages, self.messages, "{case}: the messages");
    }
}

/// What was done for good is done once, however often the engine died.
fn nothing_is_done_twice(signs: &[Sign]) {
    let mut times: BTreeMap<&str, u32> = BTreeMap::new();
    for sign in signs {
        if let Sign::Did(key) = sign {
            *times.entry(key).or_default() += 1;
        }
    }
    let twice: Vec<_> = times.iter().filter(|(_, times)| **times > 1).collect();
    assert!(twice.is_empty(), "done more than once: {twice:?}");
}
