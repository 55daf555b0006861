//! One drawing, judged twice.

use flowgen_codegen::finding::Severity;
use flowgen_codegen::{Analysis, analyse};

use crate::claims::confirm;
use crate::flaws::flaw;
use crate::plan::{index, plan_of};
use crate::sketch::Sketch;
use crate::states::{Bounds, explore};

pub(crate) const BOUNDS: Bounds = Bounds { states: 1_500, owed: 2, places: 7, faults: true };

/// What came of many drawings.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) drawings: usize,
    /// Nothing was found that stops.
    pub(crate) sound: usize,
    pub(crate) states: usize,
    /// Not explored to the end.
    pub(crate) cut_short: usize,
    /// Claims about runs that were looked for in them, by code.
    pub(crate) confirmed: std::collections::BTreeMap<&'static str, usize>,
}

/// Judges a drawing; an error says in what the two differ.
pub(crate) fn judge(sketch: &Sketch, tally: &mut Tally) -> Result<(), String> {
    let Analysis { model, findings, .. } = analyse(&sketch.text());
    tally.drawings += 1;
    let states = explore(plan_of(&model), model.starts.iter().copied().map(index), BOUNDS);
    tally.states += states.all.len();
    tally.cut_short += usize::from(!states.is_complete);
    if findings.iter().all(|finding| finding.severity() < Severity::Error) {
        tally.sound += 1;
        if let Some(flaw) = flaw(&states) {
            return Err(format!("called sound: {flaw}"));
        }
    }
    for finding in &findings {
        match confirm(&states, &model, finding) {
            Some(Err(why)) if states.is_complete => {
                return Err(format!("{}: {why}: {}", finding.rule.code, finding.message));
            }
            Some(Ok(())) => *tally.confirmed.entry(finding.rule.code).or_default() += 1,
            _ => {}
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
