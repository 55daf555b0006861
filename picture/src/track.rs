//! The assignment of runs to tracks, so that no two lines overlap and few cross.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::grid::Grid;
use crate::route::{Channel, Route, Run};

/// The number of tracks of each channel.
pub(crate) struct Tracks {
    pub(crate) columns: Vec<Band>,
    pub(crate) rows: Vec<Band>,
}

/// The tracks of a channel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Band {
    /// The first tracks are for arrows that enter the channel from the left (from above) and leave it in the same
    /// direction. A lane's border is after them.
    pub(crate) returning: usize,
    /// The number of all tracks.
    pub(crate) all: usize,
}

/// The most runs in a channel for which the order with the fewest crossings is searched, which takes a comparison
/// for each pair.
const FEW: usize = 48;

/// The cost of two overlapping lines, in crossings.
const OVERLAID: isize = 4;

/// Assigns a track to each run.
pub(crate) fn assign(routes: &mut [Route], grid: &Grid) -> Tracks {
    let mut columns = vec![Vec::new(); grid.columns + 1];
    let mut rows = vec![Vec::new(); grid.rows + 1];
    for (arrow, route) in routes.iter().enumerate() {
        for (at, run) in route.iter().enumerate() {
            match run.channel {
                Channel::Column(channel) => columns[channel].push((arrow, at)),
                Channel::Row(channel) => rows[channel].push((arrow, at)),
            }
        }
    }
    let mut count = |channels: Vec<Vec<(usize, usize)>>| {
        let tracks = channels.into_iter().map(|runs| share(routes, runs));
        tracks.collect()
    };
    Tracks { columns: count(columns), rows: count(rows) }
}

/// Assigns tracks of a channel to its runs.
fn share(routes: &mut [Route], mut places: Vec<(usize, usize)>) -> Band {
    places.sort_by_key(|&(arrow, at)| (span(&routes[arrow][at]), arrow, at));
    let run = |&(arrow, at): &(usize, usize)| &routes[arrow][at];
    let (returning, passing): (Vec<_>, Vec<_>) =
        places.into_iter().partition(|place| run(place).comes_from_low && run(place).goes_to_low);
    let mut all = 0;
    let mut share = |places: Vec<(usize, usize)>| {
        let first = all;
        let runs: Vec<&Run> = places.iter().map(|&(arrow, at)| &routes[arrow][at]).collect();
        let tracks = if runs.len() <= FEW { untangled(&runs) } else { packed(&runs) };
        for (&(arrow, at), &track) in places.iter().zip(&tracks) {
            routes[arrow][at].track = first + track;
            all = all.max(first + track + 1);
        }
        all
    };
    Band { returning: share(returning), all: share(passing) }
}

/// Inserts each run at the position where it crosses the fewest runs that are placed already.
fn untangled(runs: &[&Run]) -> Vec<usize> {
    let mut order: Vec<usize> = Vec::with_capacity(runs.len());
    for new in 0..runs.len() {
        // These are the crossings before all other runs; the run then moves past one after the other.
        let mut crossings: isize = order.iter().map(|&other| crossings(runs[new], runs[other])).sum();
        let (mut best, mut fewest) = (0, crossings);
        for (at, &other) in order.iter().enumerate() {
            crossings += self::crossings(runs[other], runs[new]) - self::crossings(runs[new], runs[other]);
            if crossings < fewest {
                (best, fewest) = (at + 1, crossings);
            }
        }
        order.insert(best, new);
    }
    let mut tracks = vec![0; runs.len()];
    for (at, &run) in order.iter().enumerate() {
        let beside = order[..at].iter().filter(|&&other| overlap(runs[run], runs[other]));
        tracks[run] = beside.map(|&other| tracks[other] + 1).max().unwrap_or(0);
    }
    tracks
}

/// Returns the lowest free track for each run. The runs are sorted by where they begin.
fn packed(runs: &[&Run]) -> Vec<usize> {
    let mut busy: BinaryHeap<Reverse<(usize, usize)>> = BinaryHeap::new();
    let mut free: BinaryHeap<Reverse<usize>> = BinaryHeap::new();
    let mut tracks = Vec::with_capacity(runs.len());
    let mut count = 0;
    for run in runs {
        let (begin, end) = span(run);
        while let Some(&Reverse((until, track))) = busy.peek()
            && until < begin
        {
            busy.pop();
            free.push(Reverse(track));
        }
        let track = free.pop().map_or(count, |Reverse(track)| track);
        count = count.max(track + 1);
        busy.push(Reverse((end, track)));
        tracks.push(track);
    }
    tracks
}

fn span(run: &Run) -> (usize, usize) {
    (run.from.min(run.to), run.from.max(run.to))
}

/// Runs that only touch would meet at a corner, which counts as an overlap.
fn overlap(one: &Run, other: &Run) -> bool {
    let ((begin, end), (other_begin, other_end)) = (span(one), span(other));
    begin <= other_end && other_begin <= end
}

/// Returns how often two runs cross if the first one is on the lower track. Overlaps cost more.
fn crossings(low: &Run, high: &Run) -> isize {
    let ends = |run: &Run| [(run.from, run.comes_from_low), (run.to, run.goes_to_low)];
    let is_inside = |at: usize, run: &Run| span(run).0 < at && at < span(run).1;
    let mut count = 0;
    for (at, _) in ends(low).into_iter().filter(|(_, to_low)| !to_low) {
        count += isize::from(is_inside(at, high));
        let meets = ends(high).into_iter().any(|(other, to_low)| to_low && other == at);
        count += if meets { OVERLAID } else { 0 };
    }
    for (at, _) in ends(high).into_iter().filter(|(_, to_low)| *to_low) {
        count += isize::from(is_inside(at, low));
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(from: usize, to: usize, comes_from_low: bool, goes_to_low: bool) -> Run {
        Run { channel: Channel::Column(0), from, to, comes_from_low, goes_to_low, track: 0 }
    }

    #[test]
    fn runs_that_lead_down_side_by_side_do_not_cross() {
        let (first, second) = (run(1, 5, true, false), run(3, 7, true, false));
        assert_eq!(untangled(&[&first, &second]), [1, 0]);
    }

    #[test]
    fn runs_that_do_not_meet_share_a_track() {
        let runs = [run(1, 3, true, false), run(4, 7, true, false), run(5, 9, true, true)];
        let runs: Vec<&Run> = runs.iter().collect();
        assert_eq!(packed(&runs), [0, 0, 1]);
    }
}
