//! What must hold, whenever the process was killed.

use std::collections::BTreeMap;
use std::path::Path;

use flowgen::run::VisitOutcome;
use flowgen::{Node as _, Outcome, RunResult, Runner};

use crate::child::open;
use crate::flow::{Order, Store, orders, up_to_chance, workload};
use crate::witness::{Line, log, settled};

type End = RunResult<orders::Node, Order>;

/// What was seen of one round so far.
#[derive(Default)]
pub(crate) struct Judge {
    /// Each visit that is settled, and how long the log was when that was first seen.
    settled: BTreeMap<String, usize>,
}

impl Judge {
    /// It is known of these visits that they were settled when the log had so many lines.
    pub(crate) fn knowing(settled: impl IntoIterator<Item = String>, lines: usize) -> Self {
        Self { settled: settled.into_iter().map(|key| (key, lines)).collect() }
    }

    /// Looks at what a crash left.
    pub(crate) fn look(&mut self, folder: &Path) -> Result<(), String> {
        let log = log(folder);
        for key in settled(folder) {
            if !ends(&log).any(|(ended, ..)| *ended == key) {
                return Err(format!("{key} is saved as done, and it was not done"));
            }
            self.settled.entry(key).or_insert(log.len());
        }
        Ok(())
    }

    /// Looks at a round of which every run is over.
    pub(crate) async fn close(mut self, folder: &Path) -> Result<(), String> {
        self.look(folder)?;
        let log = log(folder);
        self.nothing_ran_again(&log)?;
        attempts_are_counted(&log)?;
        let engine = open(folder, false).await;
        for (id, start, order) in workload() {
            let ended = engine.ended(&id).await.map_err(|error| error.to_string())?;
            let flow = orders::Flow { shop: Store::default() };
            let expected = Runner::new(&flow, start.index()).run_with_id(id.as_str(), order).await;
            as_expected(&ended, &expected)?;
            every_debt_is_paid(&ended, &log)?;
            for message in &ended.messages {
                every_debt_is_paid(message, &log)?;
            }
        }
        Ok(())
    }

    /// Once a step is settled, it is not begun again.
    fn nothing_ran_again(&self, log: &[Line]) -> Result<(), String> {
        for (at, line) in log.iter().enumerate() {
            if let Line::Begin { key, .. } = line
                && self.settled.get(key).is_some_and(|settled| at >= *settled)
            {
                return Err(format!("{key} was done, saved, and ran again"));
            }
        }
        Ok(())
    }
}

fn ends(log: &[Line]) -> impl Iterator<Item = (&String, &String, &Option<String>)> {
    log.iter().filter_map(|line| match line {
        Line::End { key, result, undoes } => Some((key, result, undoes)),
        Line::Begin { .. } => None,
    })
}

fn attempts_are_counted(log: &[Line]) -> Result<(), String> {
    let mut last = BTreeMap::new();
    for line in log {
        if let Line::Begin { key, attempt } = line
            && last.insert(key, *attempt).is_some_and(|before| before >= *attempt)
        {
            return Err(format!("attempt {attempt} of {key} is not the next one"));
        }
    }
    Ok(())
}

/// It ended as it does where nobody kills it, and has been at the same nodes.
fn as_expected(ended: &End, expected: &End) -> Result<(), String> {
    let chance = up_to_chance(&ended.run);
    let describe = |end: &End| {
        let path = end.path.iter().filter(|entry| !chance.contains(&entry.node.spec().id));
        let mut path: Vec<String> = path.map(|entry| format!("{entry} {}", entry.visit)).collect();
        let by_chance = |key: &str| chance.iter().any(|id| key.contains(&format!("/{id}/")));
        let mut done: Vec<&String> = end.cx.done.iter().filter(|key| !by_chance(key)).collect();
        // Branches may have gone on in another order.
        path.sort_unstable();
        done.sort_unstable();
        format!("{}: {path:?}, {done:?}, {} faults", end.outcome, end.faults.len())
    };
    // What is in doubt after a kill is undone, so such a run goes another way back, for the same cause.
    if ended.path.iter().any(|entry| entry.outcome == VisitOutcome::InDoubt) {
        let cause = |end: &End| end.outcome.cause().map_or(end.outcome.to_string(), ToString::to_string);
        if cause(ended) != cause(expected) {
            return Err(format!("{} ended for another cause: {}", ended.run, cause(ended)));
        }
    } else if describe(ended) != describe(expected) {
        return Err(format!(
            "{} ended otherwise: {}\nand not: {}",
            ended.run,
            describe(ended),
            describe(expected)
        ));
    }
    if ended.messages.len() != expected.messages.len() {
        return Err(format!("{} has lost a message, or sent one twice", ended.run));
    }
    ended
        .messages
        .iter()
        .zip(&expected.messages)
        .try_for_each(|(ended, expected)| as_expected(ended, expected))
}

/// What was done and has to be undone was undone, and nothing else.
fn every_debt_is_paid(ended: &End, log: &[Line]) -> Result<(), String> {
    let stuck: Vec<String> = match &ended.outcome {
        Outcome::Stuck { pending_undos, .. } => pending_undos
            .iter()
            .map(|undo| format!("{}/{}/{}", ended.run, undo.node.spec().id, undo.visit))
            .collect(),
        _ => Vec::new(),
    };
    for entry in &ended.path {
        let spec = entry.node.spec();
        let key = format!("{}/{}/{}", ended.run, spec.id, entry.visit);
        let acted = entry.visit > 0 && spec.undone_by.is_some();
        let is_in_doubt = entry.outcome == VisitOutcome::InDoubt;
        let did = is_in_doubt || ends(log).any(|(ended, result, _)| *ended == key && result != "not-done");
        let tried_again = |line: &Line| matches!(line, Line::Begin { key: begun, attempt } if *begun == key && *attempt > 1);
        if entry.outcome == VisitOutcome::NotDone && log.iter().any(tried_again) {
            return Err(format!("{key} was interrupted, and is believed that it was not done"));
        }
        let undone = ends(log).any(|(_, result, undoes)| undoes.as_ref() == Some(&key) && result == "done");
        let is_owed = acted && did && !ended.outcome.is_completed() && !stuck.contains(&key);
        if is_owed != undone {
            return Err(format!("{key} {} undone", if is_owed { "was not" } else { "was wrongly" }));
        }
    }
    Ok(())
}
