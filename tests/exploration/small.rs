//! Every small plan there is, by counting.

use crate::explorer::{Bounds, Report, explore};
use crate::sketch::{Inner, Role, Sketch};
use crate::{cases, tally};

/// A number in mixed bases, taken apart digit by digit.
struct Digits(u64);

impl Digits {
    fn next(&mut self, base: usize) -> usize {
        let base = base as u64;
        let digit = self.0 % base;
        self.0 /= base;
        usize::try_from(digit).unwrap()
    }
}

/// All ways to draw one or two arrows to these nodes.
fn arrows(inner: u32) -> Vec<Vec<u32>> {
    let targets = 1..=inner + 1;
    let pairs =
        targets.clone().flat_map(|a| targets.clone().filter(move |b| a < *b).map(move |b| vec![a, b]));
    targets.clone().map(|a| vec![a]).chain(pairs).collect()
}

fn role(digit: usize, me: u32, inner: u32) -> Role {
    let others: Vec<u32> = (1..=inner).filter(|node| *node != me).collect();
    match digit {
        0 => Role::Step,
        1 => Role::Compensable,
        2 => Role::Decision,
        3 => Role::Milestone,
        _ => {
            let (rolls_back, some) = ((digit - 4) % 2 == 1, (digit - 4) / 2 + 1);
            let chosen = others.iter().enumerate().filter(|(at, _)| some >> at & 1 == 1);
            Role::Undo { steps: chosen.map(|(_, node)| *node).collect(), rolls_back }
        }
    }
}

fn roles(inner: u32) -> usize {
    4 + 2 * ((1 << (inner - 1)) - 1)
}

fn sketch(inner: u32, number: u64) -> Sketch {
    let mut digits = Digits(number);
    let arrows = arrows(inner);
    let bound = [None, Some(2)][digits.next(2)];
    let start = if digits.next(2) == 0 || inner < 2 { vec![1] } else { vec![1, 2] };
    let nodes = (1..=inner).map(|me| {
        let role = role(digits.next(roles(inner)), me, inner);
        Inner { role, next: arrows[digits.next(arrows.len())].clone(), sends: Vec::new() }
    });
    Sketch { start, inner: nodes.collect(), bound }
}

fn count(inner: u32) -> u64 {
    4 * ((roles(inner) * arrows(inner).len()) as u64).pow(inner)
}

/// Explores plans with this many inner nodes: all, or a sample that is spread over all of them.
fn explore_all(inner: u32, at_most: usize, bounds: Bounds) -> (usize, Report) {
    // It divides none of the counts, so that its multiples meet every number once.
    const STRIDE: u64 = 1_000_003;
    let count = count(inner);
    let numbers = (0..count).map(|at| at * STRIDE % count);
    let plans = numbers.filter_map(|number| {
        let sketch = sketch(inner, number);
        let has_circle = || sketch.plan().is_some_and(|plan| !plan.loops.is_empty());
        if sketch.bound.is_some() && !has_circle() { None } else { sketch.plan() }
    });
    let reports = plans
        .take(at_most)
        .map(|plan| explore(plan, 0, bounds).unwrap_or_else(|violation| panic!("{violation}")));
    tally(reports)
}

#[test]
fn every_plan_of_one_or_two_inner_nodes() {
    for inner in 1..=2 {
        let (plans, report) =
            explore_all(inner, usize::MAX, Bounds { visits: 2, situations: 500, ..Bounds::ALL });
        eprintln!("{plans} plans of {inner}: {report:?}");
        assert!(plans > 1 && report.situations > plans, "{report:?}");
    }
}

#[test]
fn plans_of_three_inner_nodes() {
    let bounds = Bounds { visits: 2, situations: 500, ..Bounds::ALL };
    let (plans, report) = explore_all(3, cases(100), bounds);
    eprintln!("{plans} plans of 3: {report:?}");
    assert_eq!(report.endings.len(), 4, "runs ended in every way: {report:?}");
}
