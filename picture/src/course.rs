//! The main direction of the flow.

use flowgen_codegen::model::Kind;

use crate::sketch::{Sketch, Stroke};

/// The figures in the order in which the flow reaches them, and the arrows that determine the order.
///
/// Invariant: an arrow in `before` comes from a figure that is earlier in `order`.
pub(crate) struct Course {
    /// All figures.
    pub(crate) order: Vec<usize>,
    /// The arrows into each figure, except those that lead back.
    pub(crate) before: Vec<Vec<usize>>,
}

impl Course {
    pub(crate) fn of(sketch: &Sketch<'_>) -> Self {
        let mut leaving = leading(sketch);
        let back = leading_back(sketch, &leaving);
        let mut before = vec![Vec::new(); sketch.figures.len()];
        for arrows in &mut leaving {
            arrows.retain(|&arrow| !back[arrow]);
            for &arrow in arrows.iter() {
                before[sketch.arrows[arrow].to].push(arrow);
            }
        }
        let order = in_order(sketch, &leaving, &before);
        Self { order, before }
    }
}

/// Returns the arrows out of each figure that determine the flow. `compensated by` arrows count only if no other
/// arrow leads to their target, which has no other position then.
fn leading(sketch: &Sketch<'_>) -> Vec<Vec<usize>> {
    let mut entered = vec![false; sketch.figures.len()];
    for arrow in sketch.arrows.iter().filter(|arrow| arrow.stroke != Stroke::Dotted) {
        entered[arrow.to] = true;
    }
    let mut leaving = vec![Vec::new(); sketch.figures.len()];
    for (at, arrow) in sketch.arrows.iter().enumerate() {
        if arrow.stroke != Stroke::Dotted || !entered[arrow.to] {
            leaving[arrow.from].push(at);
        }
    }
    leaving
}

/// Returns for each arrow whether it leads back to a figure on its own path, in a search from the starts in
/// drawing order.
fn leading_back(sketch: &Sketch<'_>, leaving: &[Vec<usize>]) -> Vec<bool> {
    let mut back = vec![false; sketch.arrows.len()];
    let mut seen = vec![false; leaving.len()];
    let mut is_open = vec![false; leaving.len()];
    let mut open: Vec<(usize, usize)> = Vec::new();
    let is_start = |&figure: &usize| sketch.figures[figure].kind == Kind::Start;
    for root in (0..leaving.len()).filter(is_start).chain(0..leaving.len()) {
        if std::mem::replace(&mut seen[root], true) {
            continue;
        }
        open.push((root, 0));
        is_open[root] = true;
        while let Some((figure, at)) = open.last_mut() {
            let Some(&arrow) = leaving[*figure].get(*at) else {
                is_open[*figure] = false;
                open.pop();
                continue;
            };
            *at += 1;
            let to = sketch.arrows[arrow].to;
            back[arrow] = is_open[to];
            if !std::mem::replace(&mut seen[to], true) {
                is_open[to] = true;
                open.push((to, 0));
            }
        }
    }
    back
}

/// Orders the figures. The first arrow of each figure is followed first, so that the main path is placed first.
fn in_order(sketch: &Sketch<'_>, leaving: &[Vec<usize>], before: &[Vec<usize>]) -> Vec<usize> {
    let mut missing: Vec<usize> = before.iter().map(Vec::len).collect();
    let mut open: Vec<usize> = (0..leaving.len()).rev().filter(|&figure| missing[figure] == 0).collect();
    let mut order = Vec::with_capacity(leaving.len());
    while let Some(figure) = open.pop() {
        order.push(figure);
        for &arrow in leaving[figure].iter().rev() {
            let to = sketch.arrows[arrow].to;
            missing[to] -= 1;
            if missing[to] == 0 {
                open.push(to);
            }
        }
    }
    order
}
