//! One drawing, judged twice.

use flowgen_codegen::finding::{Finding, Severity};
use flowgen_codegen::{Analysis, analyze};

use crate::claims::confirm;
use crate::edges;
use crate::flaws::flaw;
use crate::sketch::Sketch;
use crate::states::{Bounds, Runs};

pub(crate) const BOUNDS: Bounds = Bounds { states: 400, pending_undos: 2, branches: 7, faults: true };

/// What came of many drawings.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) drawings: usize,
    /// Nothing was found that stops.
    pub(crate) sound: usize,
    pub(crate) states: usize,
    /// Edges that were left out as returns of calls.
    pub(crate) returns: usize,
    /// Not explored to the end.
    pub(crate) cut_short: usize,
    /// Something was claimed that no run comes to, because of another error.
    pub(crate) held_up: usize,
    /// Claims about runs that were looked for in them, by code.
    pub(crate) confirmed: std::collections::BTreeMap<&'static str, usize>,
}

/// Judges a drawing; an error says in what the two differ.
pub(crate) fn judge(sketch: &Sketch, tally: &mut Tally) -> Result<(), String> {
    let analysis = analyze(&sketch.text());
    tally.drawings += 1;
    tally.returns += edges::check(&analysis)?;
    let Analysis { model, findings, .. } = analysis;
    let runs = Runs::of(&model, BOUNDS);
    tally.states += runs.bound.all.len();
    tally.cut_short += usize::from(!runs.bound.is_complete);
    let is_error = |finding: &&Finding| finding.severity() == Severity::Error;
    let errors = findings.iter().filter(is_error).count();
    if errors == 0 {
        tally.sound += 1;
        if let Some(flaw) = flaw(&runs) {
            return Err(format!("called sound: {flaw}"));
        }
    }
    let runs_in_circle = runs.bound.runs_in_circle() || runs.free().runs_in_circle();
    let says_so = findings.iter().any(|finding| finding.rule.code == "F307");
    if says_so && !runs_in_circle && errors == 1 && runs.bound.is_complete {
        return Err("F307: no run shows it".to_owned());
    }
    *tally.confirmed.entry("F307").or_default() += usize::from(says_so && runs_in_circle);
    if model.starts.is_empty() || runs_in_circle {
        // No run says anything of it, or each faults before it could show anything else.
        return Ok(());
    }
    for finding in &findings {
        let others = errors - usize::from(is_error(&finding));
        match confirm(&runs, &model, finding) {
            Some(Ok(())) => *tally.confirmed.entry(finding.rule.code).or_default() += 1,
            // A run that an error stops does not come to where the next one is.
            Some(Err(_)) if others > 0 => tally.held_up += 1,
            Some(Err(why)) => {
                return Err(format!("{}: {why}: {}", finding.rule.code, finding.message));
            }
            None => {}
        }
    }
    Ok(())
}

/// What is wrong is still wrong in the same way with less in the drawing.
pub(crate) fn shrink(mut sketch: Sketch, problem: &str) -> Sketch {
    let kind = |problem: &str| problem.split(['"', '`', '[']).next().map(str::to_owned);
    let fails = |sketch: &Sketch| {
        judge(sketch, &mut Tally::default()).err().is_some_and(|other| kind(&other) == kind(problem))
    };
    loop {
        let Some(smaller) = smaller(&sketch).into_iter().find(fails) else { return sketch };
        sketch = smaller;
    }
}

fn smaller(sketch: &Sketch) -> Vec<Sketch> {
    let mut smaller = Vec::new();
    for at in 0..sketch.loops.len() {
        let mut less = sketch.clone();
        less.loops.remove(at);
        smaller.push(less);
    }
    smaller.extend((0..sketch.nodes.len()).map(|node| sketch.without(node, None)));
    for (at, arrow) in sketch.arrows.iter().enumerate() {
        let mut less = sketch.clone();
        less.arrows.remove(at);
        smaller.push(less);
        if arrow.is_control() && arrow.from != arrow.to {
            smaller.push(sketch.without(arrow.from, Some(arrow.to)));
        }
    }
    smaller
}

/// Judges drawings by their seeds, and shows the first that is judged in two ways.
pub(crate) fn judge_all(seeds: impl Iterator<Item = u64>, draw: impl Fn(u64) -> Sketch) -> Tally {
    let mut tally = Tally::default();
    for seed in seeds {
        let sketch = draw(seed);
        if let Err(problem) = judge(&sketch, &mut tally) {
            let small = shrink(sketch, &problem);
            let again = judge(&small, &mut Tally::default()).err().unwrap_or_default();
            panic!("FLOWGEN_SEED={seed}\n{problem}\nshrunk, {again}\n{}", small.text());
        }
    }
    tally
}
