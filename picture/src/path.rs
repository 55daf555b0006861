//! Lines with corners.

use std::fmt::Write as _;

use flowgen_codegen::syntax::Direction;

use crate::figure::Point;

/// The radius of a corner.
const CORNER: i64 = 6;

/// The length of an arrow head, and half its width.
const HEAD: i64 = 8;
const HALF_HEAD: i64 = 4;

/// Returns the points of a line from `start` to `end` that turns at each of `turns`: the positions of the segments
/// in between, alternately vertical and horizontal.
pub(crate) fn polyline(
    start: Point,
    is_level: bool,
    turns: impl Iterator<Item = i64>,
    end: Point,
) -> Vec<Point> {
    let mut points = vec![start];
    let mut at = start;
    let mut level = is_level;
    for turn in turns {
        at = if level { (turn, at.1) } else { (at.0, turn) };
        points.push(at);
        level = !level;
    }
    if at.0 != end.0 && at.1 != end.1 {
        points.push(if level { (end.0, at.1) } else { (at.0, end.1) });
    }
    points.push(end);
    points.dedup();
    points
}

/// Returns the `d` attribute of a line with rounded corners, up to the beginning of its arrow head.
pub(crate) fn rounded(points: &[Point], entry: Direction) -> String {
    let mut d = String::new();
    let Some((&start, rest)) = points.split_first() else { return d };
    let _ = write!(d, "M{} {}", start.0, start.1);
    let mut before = start;
    for (at, &point) in rest.iter().enumerate() {
        let Some(&next) = rest.get(at + 1) else {
            let (x, y) = shifted(point, entry, HEAD - 2);
            let _ = write!(d, "L{x} {y}");
            break;
        };
        let radius = CORNER.min(distance(before, point) / 2).min(distance(point, next) / 2);
        let (enter, leave) = (towards(point, before, radius), towards(point, next, radius));
        let _ = write!(d, "L{} {}Q{} {} {} {}", enter.0, enter.1, point.0, point.1, leave.0, leave.1);
        before = point;
    }
    d
}

/// Returns the `d` attribute of an arrow head at this side.
pub(crate) fn head(tip: Point, entry: Direction, is_open: bool) -> String {
    let (x, y) = shifted(tip, entry, HEAD);
    let (one, other) = match entry {
        Direction::Left | Direction::Right => ((x, y - HALF_HEAD), (x, y + HALF_HEAD)),
        Direction::Top | Direction::Bottom => ((x - HALF_HEAD, y), (x + HALF_HEAD, y)),
    };
    let close = if is_open { "" } else { "Z" };
    format!("M{} {}L{} {}L{} {}{close}", one.0, one.1, tip.0, tip.1, other.0, other.1)
}

/// Returns a point at a distance from a side.
fn shifted((x, y): Point, side: Direction, by: i64) -> Point {
    match side {
        Direction::Left => (x - by, y),
        Direction::Right => (x + by, y),
        Direction::Top => (x, y - by),
        Direction::Bottom => (x, y + by),
    }
}

/// Returns the length of a horizontal or vertical line.
fn distance(one: Point, other: Point) -> i64 {
    (one.0 - other.0).abs() + (one.1 - other.1).abs()
}

fn towards(from: Point, to: Point, by: i64) -> Point {
    (from.0 + (to.0 - from.0).signum() * by, from.1 + (to.1 - from.1).signum() * by)
}
