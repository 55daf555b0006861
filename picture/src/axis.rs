//! Columns, or rows, with the channels between them: first how much space each needs, then where it is.

use flowgen_codegen::syntax::Direction;

use crate::grid::is_forward;
use crate::route::{Channel, Run};
use crate::tag::{AROUND, Tag};
use crate::track::Band;

/// How far tracks are apart.
const TRACK: i64 = 10;

/// What a channel keeps free before its tracks, and behind them for the heads of arrows.
const BEFORE: i64 = 12;
const BEHIND: i64 = 18;

/// What a channel has more where one lane ends and another begins.
const BORDER: i64 = 16;

/// The space that columns, or rows, need.
pub(crate) struct Axis {
    /// How far each column reaches before and behind its middle.
    sizes: Vec<(i64, i64)>,
    channels: Vec<Gap>,
}

/// A channel: what it keeps free for labels and heads, and its tracks, before and behind a lane's border.
struct Gap {
    before: i64,
    returning: i64,
    border: i64,
    passing: i64,
    behind: i64,
}

impl Axis {
    /// As many columns as `bands` have room between them, each of at least `least` around its middle.
    pub(crate) fn new(least: i64, bands: &[Band]) -> Self {
        let gap = |band: &Band| Gap {
            before: BEFORE,
            returning: tracks(band.returning),
            border: 0,
            passing: tracks(band.all - band.returning),
            behind: BEHIND,
        };
        let mut channels: Vec<Gap> = bands.iter().map(gap).collect();
        // Outside of all figures, nothing comes that needs more space.
        if let [first, .., last] = &mut channels[..] {
            (first.before, last.behind) = (0, 0);
        }
        Self { sizes: vec![(least, least); bands.len().saturating_sub(1)], channels }
    }

    /// Makes a column large enough for a figure.
    pub(crate) fn hold(&mut self, at: usize, before: i64, behind: i64) {
        let size = &mut self.sizes[at];
        *size = (size.0.max(before), size.1.max(behind));
    }

    /// Keeps a channel free for a label beside a column.
    pub(crate) fn keep_free(&mut self, at: usize, side: Direction, tag: &Tag) {
        let place =
            if is_forward(side) { &mut self.channels[at + 1].before } else { &mut self.channels[at].behind };
        *place = (*place).max(tag.from + tag.length + AROUND);
    }

    /// A lane ends or begins in this channel.
    pub(crate) fn divide(&mut self, channel: usize) {
        self.channels[channel].border = BORDER;
    }

    /// Where everything is, from `start` on.
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

/// The space that so many tracks take.
fn tracks(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(0) * TRACK
}

/// Columns or rows in pixels.
pub(crate) struct Places {
    pub(crate) middles: Vec<i64>,
    pub(crate) end: i64,
    sizes: Vec<(i64, i64)>,
    channels: Vec<Stripe>,
}

/// A channel in pixels.
struct Stripe {
    /// The first track.
    returning: i64,
    /// The space for tracks before the border.
    room: i64,
    /// Where a lane's border would run.
    border: i64,
    /// The first track behind the border.
    passing: i64,
}

impl Places {
    /// Where a run is.
    pub(crate) fn track(&self, run: &Run) -> i64 {
        let (Channel::Column(channel) | Channel::Row(channel)) = run.channel;
        let Stripe { returning, room, passing, .. } = self.channels[channel];
        let at = tracks(run.track);
        TRACK / 2 + if at < room { returning + at } else { passing + at - room }
    }

    /// Where the border of a lane runs in a channel.
    pub(crate) fn border(&self, channel: usize) -> i64 {
        self.channels[channel].border
    }

    /// The middle of a label beside a column.
    pub(crate) fn beside(&self, at: usize, side: Direction, tag: &Tag) -> i64 {
        let distance = tag.from + tag.length / 2;
        if is_forward(side) {
            self.middles[at] + self.sizes[at].1 + distance
        } else {
            self.middles[at] - self.sizes[at].0 - distance
        }
    }
}
