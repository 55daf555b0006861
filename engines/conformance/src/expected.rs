//! The expected result of a run.

use std::collections::BTreeMap;

use flowgen::Flow;

use crate::engine::{Ability, Engine, Interruption, Job, OperatorAction, Policies};
use crate::recorder::Event;
use crate::report::Report;
use crate::script::{Act, Script};

/// A case: a script, an interruption, operator actions, and the expected result.
#[derive(Clone, Debug, Default)]
pub struct Expected {
    /// The context of the run.
    pub script: Script,
    /// Retries and timeouts.
    pub policies: Policies,
    /// The interruption, which happens when a step pauses.
    pub interruption: Option<Interruption>,
    /// The operator's actions once the run is over.
    pub operator_actions: Vec<OperatorAction>,
    /// The abilities that the engine needs.
    pub abilities: Vec<Ability>,
    /// How the run ends, in words.
    pub outcome: &'static str,
    /// The path of the run, as labels.
    pub path: &'static [&'static str],
    /// The keys that the context contains at the end, in this order.
    pub did: &'static [&'static str],
    /// The causes of the rollback that the steps were passed, such as `n9: cancelled`.
    pub causes: &'static [&'static str],
    /// How its messages end.
    pub messages: &'static [&'static str],
    /// Branches run concurrently, so their steps may be done, and undone, in any order.
    pub any_order: bool,
}

impl Expected {
    /// Runs the case, and compares its result with the expected one.
    ///
    /// # Panics
    ///
    /// If the result differs.
    pub async fn check<F>(self, engine: &impl Engine, case: &str, flow: F)
    where
        F: Flow<Script> + Send + Sync + 'static,
    {
        for ability in self.abilities() {
            if let Some(reason) = engine.unsupported(ability) {
                println!("{}: not `{case}`, which needs {ability:?}: {reason}", engine.name());
                return;
            }
        }
        let run = format!("{}-{}", engine.name(), case).replace([' ', ':'], "-");
        let job = Job {
            run: run.clone(),
            start: 0,
            script: Script { recorder: run, ..self.script.clone() },
            policies: self.policies.clone(),
            interruption: self.interruption,
            operator_actions: self.operator_actions.clone(),
        };
        let recorder = job.recorder();
        let ended = engine.run(flow, job).await;
        self.compare(&Report::new(&ended), &format!("{}: {case}", engine.name()));
        nothing_is_done_twice(&recorder.events());
        match self.interruption {
            Some(Interruption::Crash) => {
                let events = recorder.events();
                assert!(
                    self.each_paused_visit_began(&events, 2),
                    "what was interrupted began again: {events:?}"
                );
            }
            Some(Interruption::CrashAndCancel) => {
                let events = recorder.events();
                assert!(
                    !self.each_paused_visit_began(&events, 2),
                    "it was cancelled, and began again: {events:?}"
                );
            }
            Some(Interruption::Cancel) | None => {}
        }
    }

    /// Returns whether each visit that paused began this many times. Decisions leave no event at all, which is
    /// accepted, too.
    fn each_paused_visit_began(&self, events: &[Event], times: usize) -> bool {
        let paused = self.script.steps.iter().filter(|step| step.act == Act::Pause);
        paused.map(|step| format!("/{}/", step.node)).all(|node| {
            let begun: Vec<_> =
                events.iter().filter(|event| event.began().is_some_and(|key| key.contains(&node))).collect();
            let count = |event| begun.iter().filter(|other| *other == event).count();
            begun.is_empty() || begun.iter().any(|event| count(event) >= times)
        })
    }

    fn abilities(&self) -> Vec<Ability> {
        let interruption = self.interruption.map(|interruption| match interruption {
            Interruption::Cancel => Ability::Cancel,
            Interruption::Crash | Interruption::CrashAndCancel => Ability::Crash,
        });
        let action = (!self.operator_actions.is_empty()).then_some(Ability::Operator);
        let retry = (!self.policies.retries.is_empty()).then_some(Ability::Retry);
        let timeout = (!self.policies.timeouts.is_empty()).then_some(Ability::Timeout);
        self.abilities.iter().copied().chain(interruption).chain(action).chain(retry).chain(timeout).collect()
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
        assert_eq!(report.causes, self.causes, "{case}: the causes that steps receive");
        let messages: Vec<&str> = report.messages.iter().map(|message| message.outcome.as_str()).collect();
        assert_eq!(messages, self.messages, "{case}: the messages");
    }
}

/// Asserts that a finished step was not repeated, however often the engine crashed.
fn nothing_is_done_twice(events: &[Event]) {
    let mut times: BTreeMap<&str, u32> = BTreeMap::new();
    for event in events {
        if let Event::Did(key) = event {
            *times.entry(key).or_default() += 1;
        }
    }
    let twice: Vec<_> = times.iter().filter(|(_, times)| **times > 1).collect();
    assert!(twice.is_empty(), "done more than once: {twice:?}");
}
