//! The analysis of declared data and all runs of the drawing say the same.
//!
//! The runs are those of the interpreter. What a branch sees is an [`Env`](env::Env), written from the rules of the
//! design and not from the analysis.

mod declared;
mod env;
mod walks;

use std::collections::{BTreeMap, BTreeSet};

use flowgen_codegen::finding::{Finding, Severity};
use flowgen_codegen::model::data::{Gives, Take};
use flowgen_codegen::model::{Model, NodeIx};
use flowgen_codegen::source::Sources;
use flowgen_codegen::{Analysis, analyze_sources};

use crate::dice::Dice;
use crate::nested::{self, Wanted};
use crate::sketch::Sketch;
use crate::{in_parallel, seeds, wild};
use declared::Declared;
use walks::{Observed, observe};

/// An input: a node, and an index of what it takes.
type Input = (NodeIx, usize);

/// What came of many declarations.
#[derive(Clone, Debug, Default)]
struct Tally {
    declarations: usize,
    accepted: usize,
    /// Not explored to the end.
    cut_short: usize,
    states: usize,
    /// Findings that a run showed, by code.
    confirmed: BTreeMap<&'static str, usize>,
    /// Accepted declarations, by what their drawing has.
    with: BTreeMap<&'static str, usize>,
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.declarations += other.declarations;
        self.accepted += other.accepted;
        self.cut_short += other.cut_short;
        self.states += other.states;
        for (into, from) in [(&mut self.confirmed, other.confirmed), (&mut self.with, other.with)] {
            for (key, count) in from {
                *into.entry(key).or_default() += count;
            }
        }
    }
}

/// A declaration for a drawing, and after it the same without what was found, up to one that is accepted.
fn judge_drawing(seed: u64, sketch: &Sketch, dice: &mut Dice) -> Tally {
    let mut tally = Tally::default();
    let text = sketch.text();
    let drawing = flowgen_codegen::analyze(&text);
    let is_error = |finding: &Finding| finding.severity() == Severity::Error;
    let runs_in_circle = drawing.findings.iter().any(|finding| finding.rule.code == "F407");
    if drawing.findings.iter().any(is_error) || runs_in_circle {
        return tally;
    }
    let mut declared = Declared::draw(&drawing.model, dice);
    for round in 0..6 {
        let declaration = declared.text(&drawing.model);
        let analysis = analyze_sources(&Sources::with_declaration(&text, &declaration));
        let is_accepted = !analysis.findings.iter().any(is_error);
        if (round == 0 || is_accepted)
            && let Err(problem) = judge(&analysis, &mut tally)
        {
            panic!("seed {seed}: {problem}\n{text}\n{declaration}\n{:#?}", messages(&analysis.findings));
        }
        if is_accepted {
            return tally;
        }
        declared.repair(&analysis, dice);
    }
    tally
}

fn messages(findings: &[Finding]) -> Vec<String> {
    let of_data = findings.iter().filter(|finding| finding.rule.code.starts_with("F5"));
    let path =
        |finding: &Finding| finding.path.iter().map(|node| node.id.clone()).collect::<Vec<_>>().join(" ");
    of_data.map(|finding| format!("{}: {} [{}]", finding.rule.code, finding.message, path(finding))).collect()
}

fn judge(analysis: &Analysis, tally: &mut Tally) -> Result<(), String> {
    let Analysis { model, findings, .. } = analysis;
    let Some(data) = model.data.as_ref() else { return Err("the declaration was not read".to_owned()) };
    let errors: Vec<_> = findings.iter().filter(|finding| finding.severity() == Severity::Error).collect();
    if errors.iter().any(|finding| !matches!(finding.rule.code, "F501" | "F503")) {
        return Ok(());
    }
    tally.declarations += 1;
    let observed = observe(model, data);
    tally.states += observed.states;
    tally.cut_short += usize::from(!observed.is_complete);
    if errors.is_empty() {
        tally.accepted += 1;
        for feature in features(model) {
            *tally.with.entry(feature).or_default() += 1;
        }
    }
    let claimed = |code: &str| errors.iter().filter(|finding| finding.rule.code == code).count();
    if claimed("F503") > 0 {
        // One of the two may be an end in a branch.
        let is_decided = observed.is_complete && observed.unasked.is_empty() && is_exact(model);
        if is_decided && observed.conflicts.is_empty() {
            return Err("F503: no run gives a name in two branches".to_owned());
        }
        *tally.confirmed.entry("F503").or_default() += usize::from(!observed.conflicts.is_empty());
        // What is bound behind the join depends on the order then.
        return Ok(());
    }
    if let Some(name) = observed.conflicts.first() {
        return Err(format!("two branches give `{}`", data.names[name.0].name.text));
    }
    let reported = reported(model, &errors)?;
    let confirmed = agree(model, &reported, &observed)?;
    *tally.confirmed.entry("F501").or_default() += confirmed;
    Ok(())
}

/// The inputs that F501 reports, with the finding.
fn reported<'f>(model: &Model, errors: &[&'f Finding]) -> Result<BTreeMap<Input, &'f Finding>, String> {
    let data = model.data.as_ref().ok_or("no data")?;
    let mut reported = BTreeMap::new();
    for finding in errors.iter().filter(|finding| finding.rule.code == "F501") {
        let inputs = data.nodes.iter().flat_map(|(&node, of_node)| {
            of_node.takes.iter().enumerate().map(move |(input, taken)| ((node, input), taken.span))
        });
        let input =
            inputs.into_iter().find(|(_, span)| *span == finding.span).ok_or("F501 is at no input")?.0;
        if reported.insert(input, *finding).is_some() {
            return Err("F501 is reported twice at one input".to_owned());
        }
        follows_edges(model, finding)?;
    }
    Ok(reported)
}

/// Each step of a path is an edge, or a fault or an abort that begins the rollback.
fn follows_edges(model: &Model, finding: &Finding) -> Result<(), String> {
    let ix = |id: &str| model.indices().find(|&node| model[node].id.text == id).unwrap();
    let path: Vec<_> = finding.path.iter().map(|node| ix(&node.id)).collect();
    for pair in path.windows(2) {
        let (from, to) = (&model[pair[0]], pair[1]);
        let is_edge = from.next.iter().chain(&from.sends).any(|arrow| arrow.to == to);
        if !is_edge && !model[to].begins_rollback() {
            return Err(format!("no edge leads from {} to {}", from.id.text, model[to].id.text));
        }
    }
    Ok(())
}

/// Compares both for each input. Returns how many findings runs have shown.
fn agree(model: &Model, reported: &BTreeMap<Input, &Finding>, observed: &Observed) -> Result<usize, String> {
    let data = model.data.as_ref().ok_or("no data")?;
    let shown = |(node, input): Input| {
        let name = data.takes(node)[input].take.name();
        let name = name.map_or("cause", |name| &data.names[name.0].name.text);
        format!("`{name}` at {}", model[node].id.text)
    };
    let is_exact = observed.is_complete && is_exact(model);
    let mut confirmed = 0;
    for (&node, of_node) in &data.nodes {
        for (index, taken) in of_node.takes.iter().enumerate() {
            let input = (node, index);
            let is_certain = matches!(taken.take, Take::One(_) | Take::Moved(_) | Take::Cause);
            let is_missed = observed.missed.contains(&input) && is_certain;
            let is_reported = reported.contains_key(&input);
            if is_missed && !is_reported {
                return Err(format!("accepted: {} is not there in a run", shown(input)));
            }
            // Whether a compensation takes what its step takes is no question of paths.
            let is_of_step = model[node].is_compensation() && taken.take != Take::Cause;
            if is_of_step || !is_exact || observed.unasked.contains(&node) {
                confirmed += usize::from(is_reported && is_missed);
                continue;
            }
            let is_never_there = observed.reached.contains(&node) && !observed.seen.contains(&input);
            if is_never_there && taken.take != Take::Cause && !is_reported {
                return Err(format!("accepted: {} is there in no run", shown(input)));
            }
            if is_reported && !is_missed && !is_never_there {
                return Err(format!("F501: {} is there in all runs", shown(input)));
            }
            confirmed += usize::from(is_reported);
        }
    }
    Ok(confirmed)
}

/// The analysis knows neither that a rollback enters no node twice, nor that a compensation is skipped, and sends
/// nothing, where its step was not done. In drawings where that matters, it may report too much.
fn is_exact(model: &Model) -> bool {
    let mut compensations = model.nodes.iter().filter(|node| node.is_compensation());
    let may_be_skipped = compensations.any(|node| !node.sends.is_empty() || !node.rolls_back);
    let mut open: Vec<NodeIx> = model.indices().filter(|&node| model[node].begins_rollback()).collect();
    let mut rollback = BTreeSet::new();
    while let Some(node) = open.pop() {
        if rollback.insert(node) {
            open.extend(model[node].next.iter().map(|arrow| arrow.to));
        }
    }
    // What is left after all nodes without successors are taken away, again and again, has a cycle.
    while let Some(&last) =
        rollback.iter().find(|&&node| model[node].next.iter().all(|arrow| !rollback.contains(&arrow.to)))
    {
        rollback.remove(&last);
    }
    !may_be_skipped && rollback.is_empty()
}

/// What a drawing with its declaration has.
fn features(model: &Model) -> BTreeSet<&'static str> {
    let data = model.data.as_ref().unwrap();
    let takes = |node: NodeIx| !data.takes(node).is_empty();
    let rolls_back = |node: NodeIx| model[node].begins_rollback() || model[node].is_compensation();
    let is_fused = |gives: &Gives| gives.decision().is_some();
    let features = [
        ("a fork", model.indices().any(|node| model[node].is_fork())),
        ("a loop", !data.cycles.is_empty()),
        ("a message", model.nodes.iter().any(|node| !node.sends.is_empty())),
        ("two starts", model.starts.len() > 1),
        ("a fused decision", data.nodes.values().any(|node| is_fused(&node.gives))),
        (
            "a drawn rollback that takes data",
            model.indices().any(|node| model[node].begins_rollback())
                && model.indices().any(|node| rolls_back(node) && takes(node)),
        ),
    ];
    features.into_iter().filter(|(_, has)| *has).map(|(feature, _)| feature).collect()
}

fn small(seed: u64) -> (Dice, Sketch) {
    let mut dice = Dice::new(seed);
    let nodes = dice.within(6, 12);
    let wanted = Wanted { nodes, lanes: dice.within(1, 2), branches: 2 };
    let sketch = nested::draw(&mut dice, wanted);
    (dice, sketch)
}

fn all(seeds: impl Iterator<Item = u64> + Send, draw: impl Fn(u64) -> (Dice, Sketch) + Sync) -> Tally {
    let tallies = in_parallel(seeds, |seed| {
        let (mut dice, sketch) = draw(seed);
        judge_drawing(seed, &sketch, &mut dice)
    });
    let mut tally = Tally::default();
    for other in tallies {
        tally.add(other);
    }
    eprintln!("{tally:#?}");
    tally
}

#[test]
fn declarations_of_drawings_made_of_blocks() {
    let tally = all(seeds(7_000), small);
    for feature in [
        "a fork",
        "a loop",
        "a message",
        "two starts",
        "a fused decision",
        "a drawn rollback that takes data",
    ] {
        let count = tally.with.get(feature).copied().unwrap_or_default();
        assert!(count * 10 >= tally.accepted, "{feature}: {count} of {}", tally.accepted);
    }
    assert!(tally.accepted * 10 >= tally.declarations * 4, "{tally:#?}");
    assert!(tally.confirmed["F501"] * 2 > tally.declarations, "{tally:#?}");
    assert!(tally.confirmed["F503"] * 200 > tally.declarations, "{tally:#?}");
}

#[test]
fn declarations_of_drawings_with_something_changed() {
    let tally = all(seeds(7_000), |seed| {
        let (mut dice, mut sketch) = small(seed);
        for _ in 0..dice.within(1, 2) {
            wild::edit(&mut sketch, &mut dice);
        }
        (dice, sketch)
    });
    assert!(tally.confirmed["F501"] * 2 > tally.declarations, "{tally:#?}");
}

#[test]
fn declarations_of_drawings_made_of_any_arrows() {
    // Few such drawings have no errors.
    let tally = all(seeds(35_000), |seed| {
        let mut dice = Dice::new(seed);
        let nodes = dice.within(3, 7);
        let sketch = wild::draw(&mut dice, nodes);
        (dice, sketch)
    });
    assert!(tally.confirmed["F501"] * 8 > tally.declarations, "{tally:#?}");
}
