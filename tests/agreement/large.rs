//! Large drawings that are sound as they are made: no false alarm. And changes to them: none is missed.

use std::collections::BTreeMap;
use std::fmt::Write;

use flowgen_codegen::analyze;
use flowgen_codegen::finding::Severity;
use flowgen_codegen::model::Model;

use crate::dice::Dice;
use crate::mutations::{Kind, mutate};
use crate::nested::{Wanted, draw};
use crate::sketch::Sketch;
use crate::{first_seed, in_parallel, sampled, seeds};

/// From 20 to 200 nodes.
fn large(dice: &mut Dice) -> Sketch {
    loop {
        // More small ones than large ones.
        let most = dice.within(20, 170);
        let wanted = Wanted { nodes: dice.within(20, most), lanes: dice.within(1, 5), branches: 4 };
        let sketch = draw(dice, wanted);
        if (20..=200).contains(&sketch.nodes.len()) {
            return sketch;
        }
    }
}

/// The first thing that is worse than a note.
fn alarm(text: &str) -> (Model, Option<String>) {
    let analysis = analyze(text);
    let found = analysis.findings.iter().find(|finding| finding.severity() > Severity::Note);
    let alarm = found.map(|finding| format!("{}: {}", finding.rule.code, finding.message));
    (analysis.model, alarm)
}

#[test]
fn no_false_alarm() {
    let sizes = in_parallel(seeds(10_000), |seed| {
        let sketch = large(&mut Dice::new(seed));
        let text = sketch.text();
        if let (_, Some(alarm)) = alarm(&text) {
            panic!("FLOWGEN_SEED={seed}\n{alarm}\n{text}");
        }
        sketch.nodes.len()
    });
    let nodes: usize = sizes.iter().sum();
    eprintln!("{} sound drawings, {} nodes on the average: no false alarm", sizes.len(), nodes / sizes.len());
}

/// What came of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Came {
    /// It means the same: the arrow of a call that returns there anyway.
    Same,
    Found,
    /// No finding, but the bodies that were written for the drawing do not fit any more.
    Compiler,
    /// No finding, and nothing is wrong in thirty runs of it: another drawing that could be meant.
    NoFlaw,
    Missed,
}

fn judge(kind: Kind, seed: u64) -> Option<(Kind, Came)> {
    let mut dice = Dice::new(seed);
    let sketch = large(&mut dice);
    let (before, _) = alarm(&sketch.text());
    let mutant = mutate(kind, &sketch, &before, &mut dice)?;
    let text = mutant.text();
    let (after, alarm) = alarm(&text);
    let came = if means(&before) == means(&after) {
        Came::Same
    } else if alarm.is_some() {
        Came::Found
    } else if interface(&before) != interface(&after) {
        Came::Compiler
    } else {
        match sampled::flaw(&after, 30, &mut dice) {
            Some(flaw) => {
                eprintln!("FLOWGEN_SEED={seed} {kind:?} is missed: {flaw}\n{text}");
                Came::Missed
            }
            None => Came::NoFlaw,
        }
    };
    Some((kind, came))
}

/// What can happen, by the ids of the nodes.
fn means(model: &Model) -> String {
    let mut means = String::new();
    for node in &model.nodes {
        let arrows = node.next.iter().map(|arrow| (&model[arrow.to].id.text, &arrow.outcome));
        let sends = node.sends.iter().map(|arrow| &model[arrow.to].id.text);
        let (mut arrows, mut sends) = (arrows.collect::<Vec<_>>(), sends.collect::<Vec<_>>());
        arrows.sort();
        sends.sort();
        let join = node.join.map(|join| &model[join].id.text);
        let by = node.undone_by.map(|by| &model[by].id.text);
        let _ = writeln!(means, "{} {:?} {arrows:?} {sends:?} {join:?} {by:?}", node.id.text, node.kind);
    }
    for bounded in &model.loops {
        let nodes: Vec<_> = bounded.nodes.iter().map(|node| &model[*node].id.text).collect();
        let _ = writeln!(means, "{:?} {} {nodes:?}", bounded.bound, model[bounded.head].id.text);
    }
    means
}

/// What a user has written bodies and matches against: methods with what they return, outcomes, ends,
/// compensations, and whether contexts fork.
fn interface(model: &Model) -> String {
    let mut interface = String::new();
    for node in &model.nodes {
        let outcomes: Vec<_> =
            node.next.iter().map(|arrow| &arrow.outcome).filter(|o| !o.is_empty()).collect();
        let effect = node.undone_by.is_some();
        let undoes = node.is_compensation();
        let names = (&node.names.method, &node.names.variant);
        let _ = writeln!(interface, "{names:?} {:?} {outcomes:?} {effect} {undoes}", node.kind);
    }
    let forks = model.nodes.iter().any(|node| node.is_fork() || !node.sends.is_empty());
    let _ = writeln!(interface, "{forks}");
    interface
}

#[test]
fn no_change_is_missed() {
    let all: Vec<(Kind, u64)> =
        Kind::ALL.iter().flat_map(|kind| seeds(400).map(move |seed| (*kind, seed))).collect();
    let judged = in_parallel(all.into_iter(), |(kind, seed)| judge(kind, seed));
    let mut shares: BTreeMap<Kind, BTreeMap<Came, usize>> = BTreeMap::new();
    for (kind, came) in judged.into_iter().flatten() {
        *shares.entry(kind).or_default().entry(came).or_default() += 1;
    }
    eprintln!("from seed {}", first_seed());
    for (kind, came) in &shares {
        let count = |wanted: &[Came]| wanted.iter().filter_map(|wanted| came.get(wanted)).sum::<usize>();
        let changed = count(&[Came::Found, Came::Compiler, Came::NoFlaw, Came::Missed]);
        let wrong = count(&[Came::Found, Came::Compiler, Came::Missed]);
        let caught = count(&[Came::Found, Came::Compiler]);
        eprintln!(
            "{kind:?}: {changed} changed what can happen: {caught} of {wrong} that are wrong were found; {came:?}"
        );
        assert_eq!(count(&[Came::Missed]), 0, "{kind:?}");
        assert!(caught > 0, "{kind:?}");
    }
    assert_eq!(shares.len(), Kind::ALL.len());
}
