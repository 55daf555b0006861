//! The plots of a page, as inline SVG.

use std::fmt::Write as _;

use super::axis::Axis;
use super::page::Plot;
use super::{Report, wording};
use crate::analysis::{Comparison, Look, Summary};
use crate::plan::{Kind, Plan};
use crate::stats::{Alpha, Estimate, count};

const WIDTH: f64 = 640.0;
const LEFT: f64 = 56.0;
const RIGHT: f64 = WIDTH - 20.0;

/// All plots for which there is data.
pub(super) fn of(report: &Report) -> Vec<Plot> {
    let Some(look) = report.last_look() else { return Vec::new() };
    let Ok(primary) = &look.primary else { return Vec::new() };
    let mut plots = vec![improvement(primary, report.plan.draft().primary.effect)];
    plots.push(match (primary.a, primary.b) {
        (Summary::Rate(a), Summary::Rate(b)) => shares(a, b),
        _ => distribution(report, primary),
    });
    if report.plan.looks() > 1 {
        plots.push(evidence(&report.plan, report.looks_shown()));
    }
    plots
}

/// The improvement with its interval, compared with zero and with the smallest effect that matters.
fn improvement(primary: &Comparison, effect: f64) -> Plot {
    let of = primary.improvement();
    let scale = if primary.metric.kind == Kind::Mean { 1.0 } else { 100.0 };
    let x = Axis::over([of.low * scale, of.high * scale, 0.0, effect * scale], LEFT, RIGHT);
    let mut svg = Svg::new(120.0, "The improvement by B with its interval");
    svg.numbers_below(&x, 92.0);
    svg.upright(x.place(0.0), 12.0, 92.0, "zero");
    svg.upright(x.place(effect * scale), 28.0, 92.0, "goal");
    svg.text(x.place(0.0), 10.0, "middle", "no difference");
    svg.text(x.place(effect * scale), 24.0, "middle", "matters");
    svg.interval(
        &x,
        Estimate { value: of.value * scale, low: of.low * scale, high: of.high * scale },
        60.0,
        "b",
    );
    Plot {
        title: "Improvement by B",
        note: format!(
            "In `{}`, turned so that right is better: {}.",
            primary.metric.name,
            wording::difference_of(&primary.metric)
        ),
        svg: svg.done(),
    }
}

/// The shares of both variants with their intervals.
fn shares(a: Estimate, b: Estimate) -> Plot {
    let hundredfold =
        |of: Estimate| Estimate { value: of.value * 100.0, low: of.low * 100.0, high: of.high * 100.0 };
    let (a, b) = (hundredfold(a), hundredfold(b));
    let x = Axis::over([a.low, a.high, b.low, b.high], LEFT, RIGHT);
    let mut svg = Svg::new(120.0, "The shares in A and in B with their intervals");
    svg.numbers_below(&x, 92.0);
    for (name, of, y) in [("a", a, 30.0), ("b", b, 66.0)] {
        svg.text(LEFT - 20.0, y + 4.0, "middle", &name.to_uppercase());
        svg.interval(&x, of, y, name);
    }
    Plot { title: "Shares", note: "In %, with Wilson's intervals.".to_owned(), svg: svg.done() }
}

/// The share of units up to each value.
fn distribution(report: &Report, primary: &Comparison) -> Plot {
    let values = report.sample.column(0);
    let (a, b) = (steps(values.a), steps(values.b));
    // Omits the slowest percent, which would compress the rest of the plot.
    let shown = a.iter().chain(&b).filter(|(_, share)| *share <= 0.99).map(|(value, _)| *value);
    let x = Axis::over(shown, LEFT, RIGHT);
    let y = Axis::over([0.0, 1.0], 210.0, 10.0);
    let mut svg = Svg::new(245.0, "How the values are distributed in A and in B");
    svg.numbers_below(&x, 214.0);
    for share in [0.0, 0.25, 0.5, 0.75, 1.0] {
        svg.text(LEFT - 8.0, y.place(share) + 4.0, "end", &format!("{:.0} %", share * 100.0));
    }
    for (name, steps) in [("a", &a), ("b", &b)] {
        let mut path = String::new();
        let mut before = y.place(0.0);
        for &(value, share) in steps {
            let at = x.place(value);
            let start = if path.is_empty() { "M" } else { "L" };
            let _ = write!(path, "{start}{at:.1} {before:.1}L{at:.1} {:.1}", y.place(share));
            before = y.place(share);
        }
        svg.path(&path, name);
    }
    for (name, x) in [("a", RIGHT - 70.0), ("b", RIGHT - 30.0)] {
        svg.line([(x - 20.0, 186.0), (x - 4.0, 186.0)], name);
        svg.text(x, 190.0, "start", &name.to_uppercase());
    }
    Plot {
        title: "Distribution",
        note: format!(
            "Share of units at or below each value of `{}`; beyond 99 % it is cut off.",
            primary.metric.name
        ),
        svg: svg.done(),
    }
}

/// About two hundred of the values, each with the share of values up to it.
fn steps(mut values: Vec<f64>) -> Vec<(f64, f64)> {
    values.sort_unstable_by(f64::total_cmp);
    let every = values.len().div_ceil(200).max(1);
    let all = values.iter().enumerate().map(|(at, &value)| (value, count(at + 1) / count(values.len())));
    let last = all.clone().next_back();
    all.step_by(every).chain(last).collect()
}

/// The z of each look with its bound. Looks that did not take place have only a bound.
fn evidence(plan: &Plan, looks: &[Look]) -> Plot {
    let points: Vec<(f64, f64)> = looks
        .iter()
        .filter_map(|look| {
            let primary = look.primary.as_ref().ok()?;
            let z = Alpha::new(primary.p).map_or(0.0, Alpha::z);
            Some((look.fraction * 100.0, z.copysign(primary.improvement().value)))
        })
        .collect();
    let bounds = bounds(plan, looks);
    let x = Axis::over([0.0, 100.0], LEFT, RIGHT);
    let shown = points.iter().map(|(_, z)| *z).chain(bounds.iter().flat_map(|(_, bound)| [*bound, -bound]));
    let y = Axis::over(shown, 190.0, 10.0);
    let mut svg = Svg::new(225.0, "The evidence at each look, and the bounds");
    svg.numbers_below(&x, 194.0);
    for tick in y.ticks() {
        svg.text(LEFT - 8.0, y.place(tick) + 4.0, "end", &wording::tick(tick));
    }
    svg.line([(LEFT, y.place(0.0)), (RIGHT, y.place(0.0))], "zero");
    for side in [1.0, -1.0] {
        svg.dots(bounds.iter().map(|&(at, bound)| (x.place(at), y.place(side * bound))).collect(), "bound");
    }
    svg.dots(points.iter().map(|&(at, z)| (x.place(at), y.place(z))).collect(), "b");
    Plot {
        title: "Evidence at each look",
        note: "By % of the sample: how many standard errors B is better (above) or worse (below). A look decides where this is beyond the dashed bounds.".to_owned(),
        svg: svg.done(),
    }
}

/// The bound of z at each look, by percent of the sample.
fn bounds(plan: &Plan, looks: &[Look]) -> Vec<(f64, f64)> {
    let mut fractions: Vec<f64> = looks.iter().map(|look| look.fraction).collect();
    let mut bounds: Vec<(f64, f64)> =
        looks.iter().map(|look| (look.fraction * 100.0, look.alpha.z())).collect();
    for look in looks.len()..plan.looks() {
        let fraction = plan.fraction(plan.units_at(look));
        fractions.push(fraction);
        bounds.push((fraction * 100.0, plan.level(&fractions).z()));
    }
    bounds
}

/// An SVG document under construction.
struct Svg(String);

impl Svg {
    fn new(height: f64, says: &str) -> Self {
        Self(format!("<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"{says}\">"))
    }

    fn done(self) -> String {
        self.0 + "</svg>"
    }

    fn text(&mut self, x: f64, y: f64, anchor: &str, text: &str) {
        let _ = write!(self.0, "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{text}</text>");
    }

    fn path(&mut self, path: &str, class: &str) {
        let _ = write!(self.0, "<path d=\"{path}\" class=\"{class}\"/>");
    }

    fn line(&mut self, places: impl IntoIterator<Item = (f64, f64)>, class: &str) {
        let places: Vec<String> = places.into_iter().map(|(x, y)| format!("{x:.1} {y:.1}")).collect();
        if !places.is_empty() {
            self.path(&format!("M{}", places.join("L")), class);
        }
    }

    fn upright(&mut self, x: f64, from: f64, to: f64, class: &str) {
        self.line([(x, from), (x, to)], class);
    }

    fn dot(&mut self, x: f64, y: f64, class: &str) {
        let _ = write!(self.0, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\" class=\"{class}\"/>");
    }

    /// A line with a dot at each point.
    fn dots(&mut self, places: Vec<(f64, f64)>, class: &str) {
        places.iter().for_each(|&(x, y)| self.dot(x, y, class));
        self.line(places, class);
    }

    fn interval(&mut self, x: &Axis, of: Estimate, y: f64, class: &str) {
        let (low, high) = (x.place(of.low), x.place(of.high));
        self.line([(low, y), (high, y)], class);
        self.upright(low, y - 6.0, y + 6.0, class);
        self.upright(high, y - 6.0, y + 6.0, class);
        self.dot(x.place(of.value), y, class);
    }

    fn numbers_below(&mut self, x: &Axis, y: f64) {
        self.line([(LEFT, y), (RIGHT, y)], "axis");
        for tick in x.ticks() {
            self.upright(x.place(tick), y, y + 4.0, "axis");
            self.text(x.place(tick), y + 18.0, "middle", &wording::tick(tick));
        }
    }
}
