//! The channels in which arrows run.

use std::collections::HashSet;

use flowgen_codegen::syntax::Direction;

use crate::grid::{Cell, Grid, is_forward, is_level};
use crate::sketch::{Arrow, Sketch};

/// A channel between two columns, or between two rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Channel {
    /// A vertical channel, before a column.
    Column(usize),
    /// A horizontal channel, above a row.
    Row(usize),
}

/// The part of an arrow that runs in one channel.
///
/// Positions along a channel count channels and cells alike: cell `n` is `2n + 1`, channel `n` is `2n`.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    pub(crate) channel: Channel,
    /// The position along the channel where it begins.
    pub(crate) from: usize,
    /// The position along the channel where it ends.
    pub(crate) to: usize,
    /// The arrow enters the channel from the left (from above).
    pub(crate) comes_from_low: bool,
    /// The arrow leaves the channel to the left (upward).
    pub(crate) goes_to_low: bool,
    /// The index of its track in the channel, from the left (from above).
    pub(crate) track: usize,
}

/// The runs between the lines that leave and enter the figures. Without runs, both lines are the same, or meet at
/// a corner.
pub(crate) type Route = Vec<Run>;

/// One end of an arrow.
#[derive(Clone, Copy)]
struct End {
    cell: Cell,
    side: Direction,
}

/// Returns a route for each arrow, in the order of the arrows.
pub(crate) fn route(sketch: &Sketch<'_>, grid: &Grid) -> Vec<Route> {
    let mut clear = Router { grid, claimed: HashSet::new() };
    let ends = |arrow: &Arrow| {
        let end = |figure: usize, side| End { cell: grid.cells[figure], side };
        (end(arrow.from, arrow.exit), end(arrow.to, arrow.entry))
    };
    // Straight arrows are routed first.
    let straight: Vec<bool> = sketch.arrows.iter().map(|arrow| clear.claims_straight(ends(arrow))).collect();
    let mut routes = Vec::with_capacity(sketch.arrows.len());
    for (arrow, is_straight) in sketch.arrows.iter().zip(straight) {
        let (leave, come) = ends(arrow);
        let channels = if is_straight { Vec::new() } else { clear.channels(leave, come) };
        routes.push(runs(leave, come, &channels));
    }
    routes
}

/// The line between two adjacent figures in a row or a column: true for a row, the index of the row or column, and
/// the position after the first figure.
type Gap = (bool, usize, usize);

struct Router<'g> {
    grid: &'g Grid,
    /// Gaps that an arrow uses to cross empty cells. Each has space for one arrow.
    claimed: HashSet<Gap>,
}

impl Router<'_> {
    fn claims_straight(&mut self, (leave, come): (End, End)) -> bool {
        let is_on_line = leave.across() == come.across() && leave.is_level() == come.is_level();
        let faces = leave.side != come.side && self.grid.next(leave.cell, leave.side) == Some(come.along());
        is_on_line && faces && self.claimed.insert(self.gap(leave))
    }

    fn channels(&mut self, leave: End, come: End) -> Vec<Channel> {
        if leave.is_level() != come.is_level() {
            if self.claims_corner(leave, come) {
                return Vec::new();
            }
            return vec![leave.channel(leave.beside()), come.channel(come.beside())];
        }
        if let Some(shared) = self.shared(leave, come) {
            return vec![leave.channel(shared)];
        }
        let between = come.channel_towards(leave);
        vec![leave.channel(leave.beside()), between, come.channel(come.beside())]
    }

    /// Claims a route with a single corner over empty cells, if it is free.
    fn claims_corner(&mut self, leave: End, come: End) -> bool {
        let (gap, other) = (self.gap(leave), self.gap(come));
        let is_free = self.is_open(leave, come.across()) && self.is_open(come, leave.across());
        if !is_free || self.claimed.contains(&gap) || self.claimed.contains(&other) {
            return false;
        }
        self.claimed.extend([gap, other]);
        true
    }

    /// Returns whether the cell at `at` on the line of an end is empty, and all cells before it.
    fn is_open(&self, end: End, at: usize) -> bool {
        let next = self.grid.next(end.cell, end.side);
        if is_forward(end.side) {
            at > end.along() && next.is_none_or(|next| next > at)
        } else {
            at < end.along() && next.is_none_or(|next| next < at)
        }
    }

    /// Returns a channel that both ends reach in a straight line.
    fn shared(&mut self, leave: End, come: End) -> Option<usize> {
        let (reach, other) = (self.grid.reach(leave.cell, leave.side), self.grid.reach(come.cell, come.side));
        let (first, last) = (*reach.start().max(other.start()), *reach.end().min(other.end()));
        let (gap, other_gap) = (self.gap(leave), self.gap(come));
        for channel in [come.beside(), leave.beside(), first] {
            // A line to the adjacent channel crosses no empty cell.
            let mut needed = Vec::new();
            needed.extend((channel != leave.beside()).then_some(gap));
            needed.extend((channel != come.beside()).then_some(other_gap));
            if (first..=last).contains(&channel) && needed.iter().all(|gap| !self.claimed.contains(gap)) {
                self.claimed.extend(needed);
                return Some(channel);
            }
        }
        None
    }

    fn gap(&self, end: End) -> Gap {
        let behind = if is_forward(end.side) {
            end.along() + 1
        } else {
            self.grid.next(end.cell, end.side).map_or(0, |next| next + 1)
        };
        (end.is_level(), end.across(), behind)
    }
}

impl End {
    fn is_level(self) -> bool {
        is_level(self.side)
    }

    /// The position of the cell along the line that leaves it.
    fn along(self) -> usize {
        if self.is_level() { self.cell.column } else { self.cell.row }
    }

    /// The index of that line.
    fn across(self) -> usize {
        if self.is_level() { self.cell.row } else { self.cell.column }
    }

    fn beside(self) -> usize {
        Grid::beside(self.cell, self.side)
    }

    /// Returns a channel that crosses the line that leaves the cell.
    fn channel(self, at: usize) -> Channel {
        if self.is_level() { Channel::Column(at) } else { Channel::Row(at) }
    }

    /// Returns the channel parallel to the line, on the side of `other`. Between figures on one line, an arrow
    /// that leads back runs below (to the right), and one that leads forward runs above (to the left).
    fn channel_towards(self, other: Self) -> Channel {
        let is_back = self.along() <= other.along();
        let at = match self.across().cmp(&other.across()) {
            std::cmp::Ordering::Greater => self.across(),
            std::cmp::Ordering::Less => self.across() + 1,
            std::cmp::Ordering::Equal => self.across() + usize::from(is_back),
        };
        if self.is_level() { Channel::Row(at) } else { Channel::Column(at) }
    }
}

/// Returns the runs in these channels.
fn runs(leave: End, come: End, channels: &[Channel]) -> Route {
    let mut runs = Vec::with_capacity(channels.len());
    for (at, &channel) in channels.iter().enumerate() {
        // The channels before and after this one, and the positions where their lines begin and end.
        let before = at.checked_sub(1).map(|before| channels[before]);
        let behind = channels.get(at + 1).copied();
        let from = before.map_or_else(|| along(leave.cell, channel), position);
        let to = behind.map_or_else(|| along(come.cell, channel), position);
        let origin = match at.checked_sub(2) {
            Some(before) => position(channels[before]),
            None => across(leave.cell, channel),
        };
        let goal =
            channels.get(at + 2).map_or_else(|| across(come.cell, channel), |&channel| position(channel));
        let here = position(channel);
        runs.push(Run {
            channel,
            from,
            to,
            comes_from_low: origin < here,
            goes_to_low: goal < here,
            track: 0,
        });
    }
    runs
}

fn position(channel: Channel) -> usize {
    let (Channel::Column(at) | Channel::Row(at)) = channel;
    2 * at
}

/// Returns the position of a cell along a channel.
fn along(cell: Cell, channel: Channel) -> usize {
    match channel {
        Channel::Column(_) => 2 * cell.row + 1,
        Channel::Row(_) => 2 * cell.column + 1,
    }
}

/// Returns the position of a cell across channels of this direction.
fn across(cell: Cell, channel: Channel) -> usize {
    match channel {
        Channel::Column(_) => 2 * cell.column + 1,
        Channel::Row(_) => 2 * cell.row + 1,
    }
}
