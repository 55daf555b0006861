//! Columns or rows, and the channels between them: first the space that each needs, then its position.

use flowgen_codegen::syntax::Direction;

use crate::grid::is_forward;
use crate::route::{Channel, Run};
use crate::tag::{AROUND, Tag};
use crate::track::Band;

/// The distance between tracks.
const TRACK: i64 = 10;

/// The free space of a channel before its tracks, and after them for arrow heads.
const BEFORE: i64 = 12;
const BEHIND: i64 = 18;

/// The additional space of a channel on the border of two lanes.
const BORDER: i64 = 16;

/// The space that columns or rows need.
pub(crate) struct Axis {
    /// The extent of each column before and after its center.
    sizes: Vec<(i64, i64)>,
    channels: Vec<Gap>,
}

/// The parts of a channel: free space for labels and heads at both ends, and tracks before and after a lane's
/// border.
struct Gap {
    before: i64,
    returning: i64,
    border: i64,
    passing: i64,
    behind: i64,
}

impl Axis {
    /// Creates the columns between `bands`, each with at least `least` pixels on both sides of its center.
    pub(crate) fn new(least: i64, bands: &[Band]) -> Self {
        let gap = |band: &Band| Gap {
            before: BEFORE,
            returning: tracks(band.returning),
            border: 0,
            passing: tracks(band.all - band.returning),
            behind: BEHIND,
        };
        let mut channels: Vec<Gap> = bands.iter().map(gap).collect();
        // The space outside of all figures has no labels and no heads.
        if let [first, .., last] = &mut channels[..] {
            (first.before, last.behind) = (0, 0);
        }
        Self { sizes: vec![(least, least); bands.len().saturating_sub(1)], channels }
    }

    /// Extends a column to the size of a figure.
    pub(crate) fn hold(&mut self, at: usize, before: i64, behind: i64) {
        let size = &mut self.sizes[at];
        *size = (size.0.max(before), size.1.max(behind));
    }

    /// Reserves space in a channel for a label beside a column.
    pub(crate) fn keep_free(&mut self, at: usize, side: Direction, tag: &Tag) {
        let place =
            if is_forward(side) { &mut self.channels[at + 1].before } else { &mut self.channels[at].behind };
        *place = (*place).max(tag.from + tag.length + AROUND);
    }

    /// Adds space for a lane's border to this channel.
    pub(crate) fn divide(&mut self, channel: usize) {
        self.channels[channel].border = BORDER;
    }

    /// Computes all positions, from `start` on.
    pub(crate) fn laid_out(self, start: i64) -> Places {
        let mut places = Places { middles: Vec::new(), sizes: self.sizes, channels: Vec::new(), end: start };
        for (channel, gap) in self.channels.iter().enumerate() {
            let returning = places.end + gap.before;
            let border = returning + gap.returning;
            let passing = border + gap.border;
            let border = border + gap.border / 2;
            places.channels.push(Stripe { returning, room: gap.returning, border, passing });
            places.end = passing + gap.passing + gap.behind;
            if let Some((before, behind)) = places.sizes.get(channel) {
                places.middles.push(places.end + before);
                places.end += before + behind;
            }
        }
        places
    }
}

/// Returns the space that this many tracks take.
fn tracks(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(0) * TRACK
}

/// The positions of columns or rows, in pixels.
pub(crate) struct Places {
    pub(crate) middles: Vec<i64>,
    pub(crate) end: i64,
    sizes: Vec<(i64, i64)>,
    channels: Vec<Stripe>,
}

/// The position of a channel, in pixels.
struct Stripe {
    /// The position of the first track.
    returning: i64,
    /// The space for tracks before the border.
    room: i64,
    /// The position of a lane's border, if there is one.
    border: i64,
    /// The position of the first track after the border.
    passing: i64,
}

impl Places {
    /// Returns the position of an arrow's run.
    pub(crate) fn track(&self, run: &Run) -> i64 {
        let (Channel::Column(channel) | Channel::Row(channel)) = run.channel;
        let Stripe { returning, room, passing, .. } = self.channels[channel];
        let at = tracks(run.track);
        TRACK / 2 + if at < room { returning + at } else { passing + at - room }
    }

    /// Returns the position of a lane's border in a channel.
    pub(crate) fn border(&self, channel: usize) -> i64 {
        self.channels[channel].border
    }

    /// Returns the center of a label beside a column.
    pub(crate) fn beside(&self, at: usize, side: Direction, tag: &Tag) -> i64 {
        let distance = tag.from + tag.length / 2;
        if is_forward(side) {
            self.middles[at] + self.sizes[at].1 + distance
        } else {
            self.middles[at] - self.sizes[at].0 - distance
        }
    }
}
