//! The analysis of a drawing and the interpreter of its runs say the same.
//!
//! `FLOWGEN_CASES` sets how many random drawings each test tries, `FLOWGEN_SEED` the first of their seeds. Without
//! `FLOWGEN_CASES`, each test tries a seventh of what it tries with `FLOWGEN_LONG=1`, which `.ci/run` sets.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod claims;
mod data;
mod dice;
#[path = "../shared/edges.rs"]
mod edges;
mod flaws;
mod judging;
mod large;
mod mutations;
mod nested;
#[path = "../shared/plan.rs"]
mod plan;
mod sampled;
mod sketch;
mod states;
mod wild;

use dice::Dice;
use judging::{Tally, judge_all};
use nested::Wanted;
use sketch::Sketch;

fn set(variable: &str, default: u64) -> u64 {
    std::env::var(variable).map_or(default, |number| number.parse().expect("a number"))
}

fn first_seed() -> u64 {
    set("FLOWGEN_SEED", 0)
}

/// So many seeds, from `FLOWGEN_SEED` on: with `FLOWGEN_LONG=1`, otherwise a seventh of them.
fn seeds(long: u64) -> std::ops::Range<u64> {
    let is_long = std::env::var_os("FLOWGEN_LONG").is_some_and(|long| long == "1");
    let default = if is_long { long } else { long / 7 };
    first_seed()..first_seed() + set("FLOWGEN_CASES", default)
}

/// What comes of each, in no order. Half of the machine is enough: other tests run beside.
fn in_parallel<T: Send, R: Send>(
    all: impl Iterator<Item = T> + Send,
    each: impl Fn(T) -> R + Sync,
) -> Vec<R> {
    let all = std::sync::Mutex::new(all);
    let work = || {
        let mut done = Vec::new();
        loop {
            let next = all.lock().unwrap().next();
            let Some(next) = next else { return done };
            done.push(each(next));
        }
    };
    std::thread::scope(|scope| {
        let workers = [scope.spawn(work), scope.spawn(work)];
        let done =
            workers.map(|worker| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        done.into_iter().flatten().collect()
    })
}

fn small(seed: u64) -> (Dice, Sketch) {
    let mut dice = Dice::new(seed);
    let nodes = dice.within(3, 9);
    let wanted = Wanted { nodes, lanes: dice.within(1, 2), branches: 2 };
    let sketch = nested::draw(&mut dice, wanted);
    (dice, sketch)
}

/// Each of these was found in at least one of 200 drawings, and a run showed it.
fn assert_confirmed(tally: &Tally, codes: &[&str]) {
    for code in codes {
        let confirmed = tally.confirmed.get(code).copied().unwrap_or_default();
        assert!(confirmed * 200 >= tally.drawings, "{code} was confirmed {confirmed} times: {tally:#?}");
    }
}

#[test]
fn drawings_made_of_blocks() {
    let tally = judge_all(seeds(7_000), |seed| small(seed).1);
    eprintln!("{tally:#?}");
    assert_eq!(tally.sound, tally.drawings);
}

#[test]
fn drawings_made_of_blocks_with_something_changed() {
    let tally = judge_all(seeds(7_000), |seed| {
        let (mut dice, mut sketch) = small(seed);
        for _ in 0..dice.within(1, 3) {
            wild::edit(&mut sketch, &mut dice);
        }
        sketch
    });
    eprintln!("{tally:#?}");
    assert_confirmed(&tally, &["F204", "F302", "F303", "F306", "F308", "F406", "F408", "F504"]);
}

#[test]
fn drawings_made_of_any_arrows() {
    let tally = judge_all(seeds(7_000), |seed| {
        let mut dice = Dice::new(seed);
        let nodes = dice.within(2, 7);
        wild::draw(&mut dice, nodes)
    });
    eprintln!("{tally:#?}");
    assert_confirmed(&tally, &["F301", "F302", "F303", "F304", "F306", "F307", "F308", "F407", "F408"]);
}

#[test]
fn drawings_whose_compensations_are_inferred() {
    let tally = judge_all(seeds(7_000), |seed| {
        let (mut dice, mut sketch) = small(seed);
        sketch.arrows.retain(|arrow| !arrow.is_undo());
        for node in sketch.nodes.iter_mut().filter(|node| node.label == "Give up") {
            "Roll back".clone_into(&mut node.label);
        }
        for arrow in sketch.arrows.iter_mut().filter(|arrow| arrow.label == "Bad") {
            "Bad, roll back".clone_into(&mut arrow.label);
        }
        for _ in 0..dice.below(3) {
            wild::edit(&mut sketch, &mut dice);
        }
        sketch
    });
    eprintln!("{tally:#?}");
    assert_confirmed(&tally, &["F204", "F302", "F303", "F306", "F308", "F504"]);
    let inferred = tally.confirmed.get("F403").copied().unwrap_or_default();
    assert!(inferred * 4 > tally.drawings, "pairs were inferred in too few drawings: {inferred}");
}

#[test]
fn drawings_made_of_forks() {
    let tally = judge_all(seeds(2_000), |seed| {
        let mut dice = Dice::new(seed);
        let nodes = dice.within(2, 7);
        wild::draw_forks(&mut dice, nodes)
    });
    eprintln!("{tally:#?}");
    // What this test is there for is among the drawings.
    let few = tally.drawings / 100;
    assert!(tally.sound > few && tally.returns > few, "{tally:?}");
    assert_confirmed(&tally, &["F302", "F303", "F304", "F307", "F308", "F309", "F310"]);
}
