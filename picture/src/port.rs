//! The positions of arrow ends on the sides of figures.

use flowgen_codegen::syntax::Direction;

use crate::figure::Body;
use crate::grid::{Grid, is_forward, is_level};
use crate::route::{Channel, Route};
use crate::sketch::Sketch;

/// The position of an arrow end on a side.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Port {
    /// The distance from the center of the side.
    pub(crate) offset: i64,
    /// It is the port nearest to the top (to the left) of the side.
    pub(crate) is_first: bool,
    /// It is the port nearest to the bottom (to the right).
    pub(crate) is_last: bool,
}

/// By arrow: the ports at its beginning and at its end.
pub(crate) type Ports = Vec<(Port, Port)>;

/// The distance between ports if the side is long enough: lines of text fit in between.
pub(crate) const APART: i64 = 14;

/// The distance at the top and the bottom, where labels need the space.
pub(crate) const APART_ABOVE: i64 = 26;

/// Ports that would be nearer to each other than this are merged.
const NEAREST: i64 = 4;

/// An end of an arrow, at a side of a figure.
struct End {
    figure: usize,
    side: Direction,
    /// -1 if the arrow turns up (to the left), 0 if it is straight, 1 if it turns down (to the right).
    turn: i64,
    /// Orders the ends with the same turn: the arrow that turns first is the outermost.
    inward: i64,
    arrow: usize,
    is_entry: bool,
}

impl End {
    fn order(&self) -> (usize, usize, i64, i64, usize, bool) {
        (self.figure, self.side as usize, self.turn, self.inward, self.arrow, self.is_entry)
    }
}

/// Assigns a port to both ends of each arrow.
pub(crate) fn assign(sketch: &Sketch<'_>, grid: &Grid, routes: &[Route], bodies: &[Body]) -> Ports {
    let mut ends = Vec::with_capacity(routes.len() * 2);
    for arrow in 0..routes.len() {
        ends.extend([false, true].map(|is_entry| end(sketch, grid, routes, arrow, is_entry)));
    }
    ends.sort_unstable_by_key(End::order);
    let mut ports = vec![(Port::default(), Port::default()); routes.len()];
    for side in ends.chunk_by(|one, other| (one.figure, one.side) == (other.figure, other.side)) {
        let Some(first) = side.first() else { continue };
        let room = bodies[first.figure].side(first.side);
        let apart = if is_level(first.side) { APART } else { APART_ABOVE };
        for (at, (end, offset)) in side.iter().zip(offsets(side, room, apart)).enumerate() {
            let (leaves, comes) = &mut ports[end.arrow];
            let port = Port { offset, is_first: at == 0, is_last: at + 1 == side.len() };
            *(if end.is_entry { comes } else { leaves }) = port;
        }
    }
    ports
}

/// Returns the offsets of ports. A straight arrow is in the center, and the others are spread around it; without
/// one, all are spread around the center.
fn offsets(side: &[End], room: i64, apart: i64) -> impl Iterator<Item = i64> {
    let last = i64::try_from(side.len()).unwrap_or(i64::MAX) - 1;
    let straight = side.iter().position(|end| end.turn == 0);
    let middle = straight.and_then(|at| i64::try_from(at).ok()).map_or(last, |at| 2 * at);
    let most = middle.max(2 * last - middle).max(1);
    let apart = if room / most < NEAREST { 0 } else { apart.min(room / most) };
    (0..=last).map(move |at| (2 * at - middle) * apart / 2)
}

fn end(sketch: &Sketch<'_>, grid: &Grid, routes: &[Route], arrow: usize, is_entry: bool) -> End {
    let drawn = &sketch.arrows[arrow];
    let (figure, side, other) =
        if is_entry { (drawn.to, drawn.entry, drawn.from) } else { (drawn.from, drawn.exit, drawn.to) };
    let (cell, other) = (grid.cells[figure], grid.cells[other]);
    let place = |column: usize, row: usize| if is_level(side) { row } else { column };
    let here = 2 * place(cell.column, cell.row) + 1;
    let run = if is_entry { routes[arrow].last() } else { routes[arrow].first() };
    let (goal, distance) = match run {
        None => (2 * place(other.column, other.row) + 1, i64::MAX / 2),
        Some(run) => {
            let (Channel::Column(channel) | Channel::Row(channel)) = run.channel;
            let channels = channel.abs_diff(Grid::beside(cell, side));
            let track = i64::try_from(run.track).unwrap_or(0);
            let track = if is_forward(side) { track } else { -track };
            let goal = if is_entry { run.from } else { run.to };
            // A run between ports of one row is a bend, which is drawn downward.
            let goal = if goal == here { here + 1 } else { goal };
            (goal, i64::try_from(channels).unwrap_or(0) * (1 << 32) + track)
        }
    };
    let turn = match goal.cmp(&here) {
        std::cmp::Ordering::Less => -1,
        std::cmp::Ordering::Equal => 0,
        std::cmp::Ordering::Greater => 1,
    };
    End { figure, side, turn, inward: -turn * distance, arrow, is_entry }
}
