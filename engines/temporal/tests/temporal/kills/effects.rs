//! What the steps left behind outside of their runs.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use flowgen::plan::Kind;
use flowgen::run::VisitOutcome;
use flowgen::{Node as _, RunResult};

use super::shop::{Order, drawing::Node};

/// A line of the log.
struct Effect {
    process: u32,
    lane: String,
    is_done: bool,
    key: String,
}

fn read(log: &Path) -> Vec<Effect> {
    // Nobody has done anything yet where there is no file.
    fs::read_to_string(log).unwrap_or_default().lines().map(effect).collect()
}

fn effect(line: &str) -> Effect {
    let mut words = line.split(' ');
    let mut word = || words.next().unwrap_or_else(|| panic!("a torn line: {line}")).to_owned();
    Effect { process: word().parse().unwrap(), lane: word(), is_done: word() == "did", key: word() }
}

/// The lanes of the steps that a process did.
pub(crate) fn lanes_of(log: &Path, process: u32) -> BTreeSet<String> {
    read(log).into_iter().filter(|effect| effect.process == process).map(|effect| effect.lane).collect()
}

/// The process has begun a step that it has not done yet.
pub(crate) fn is_in_a_step(log: &Path, process: u32) -> bool {
    let effects = read(log);
    let its = || effects.iter().filter(|effect| effect.process == process);
    its().filter(|effect| !effect.is_done).count() > its().filter(|effect| effect.is_done).count()
}

/// Some step was begun in one process, and again in another.
pub(crate) fn was_begun_again(log: &Path) -> bool {
    let effects = read(log);
    let begun: Vec<_> = effects.iter().filter(|effect| !effect.is_done).collect();
    begun.iter().any(|one| begun.iter().any(|other| one.key == other.key && one.process != other.process))
}

/// The log has what the run says that it did, in that order; nothing was begun again once
/// something behind it was begun; and all pending undos were executed.
pub(crate) fn are_those_of(log: &Path, ended: &RunResult<Node, Order>) {
    let run = format!("{}/", ended.run);
    let effects: Vec<_> = read(log).into_iter().filter(|effect| effect.key.starts_with(&run)).collect();
    let done = ended.path.iter().filter(|entry| entry.outcome != VisitOutcome::Passed);
    let acts = done.filter(|entry| entry.visit > 0 && entry.node.spec().kind != Kind::Decision);
    let path: Vec<String> =
        acts.map(|entry| format!("{run}{}/{}", entry.node.spec().id, entry.visit)).collect();
    assert_eq!(in_order(&effects), path, "{}: no finished step ran again, and none is lost", ended.run);
    for key in &path {
        assert!(effects.iter().any(|effect| effect.is_done && &effect.key == key), "{key} was not done");
    }
    if ended.outcome.is_rolled_back() {
        undone_is_what_was_owed(ended);
    }
}

/// The keys in the order in which they were begun. One that is begun again later stands twice.
fn in_order(effects: &[Effect]) -> Vec<String> {
    let mut keys: Vec<String> = effects.iter().map(|effect| effect.key.clone()).collect();
    keys.dedup();
    keys
}

fn undone_is_what_was_owed(ended: &RunResult<Node, Order>) {
    let mut pending: BTreeMap<u32, u32> = BTreeMap::new();
    for entry in &ended.path {
        if entry.node.spec().undone_by.is_some() && entry.outcome == VisitOutcome::Done {
            *pending.entry(entry.node.index()).or_default() += 1;
        }
    }
    for undone in ended.undone() {
        let left = pending.get_mut(&undone.index()).unwrap_or_else(|| panic!("{undone:?} was not pending"));
        *left -= 1;
    }
    assert!(pending.values().all(|left| *left == 0), "{}: still pending: {pending:?}", ended.run);
}
