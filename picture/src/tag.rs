//! The labels of arrows, in the channels that they stand in.

use crate::figure::{SMALL, SMALL_LINE, widest};
use crate::grid::is_level;
use crate::port::{APART, APART_ABOVE, Port};
use crate::sketch::{Arrow, Sketch};
use crate::text::wrap;

/// What a label keeps free around it, along the arrow.
pub(crate) const AROUND: i64 = 8;

/// A label, before it is known where its figure stands.
pub(crate) struct Tag {
    pub(crate) lines: Vec<String>,
    /// How far its nearer edge is from where the channel begins.
    pub(crate) from: i64,
    /// Its length in the direction of the arrow.
    pub(crate) length: i64,
    /// Its length across.
    breadth: i64,
}

/// The labels by arrow. Those at one side of a figure stand one behind the other.
pub(crate) fn tags(sketch: &Sketch<'_>) -> Vec<Option<Tag>> {
    let mut taken = vec![[0; 4]; sketch.figures.len()];
    let mut tag = |arrow: &Arrow| {
        let room = if is_level(arrow.exit) { 80 } else { 108 };
        let lines: Vec<_> = arrow.label.iter().flat_map(|label| wrap(label, SMALL, room, 3)).collect();
        if lines.is_empty() {
            return None;
        }
        let (width, height) = (widest(&lines, SMALL), i64::try_from(lines.len()).unwrap_or(0) * SMALL_LINE);
        let (length, breadth) = if is_level(arrow.exit) { (width, height) } else { (height, width) };
        let taken = &mut taken[arrow.from][arrow.exit as usize];
        let from = *taken + AROUND;
        *taken = from + length;
        Some(Tag { lines, from, length, breadth })
    };
    sketch.arrows.iter().map(&mut tag).collect()
}

impl Tag {
    /// How far its middle is from the arrow: on it, unless the label would hide a neighbour.
    pub(crate) fn aside(&self, port: Port, is_level: bool) -> i64 {
        let half = self.breadth / 2;
        let apart = if is_level { APART } else { APART_ABOVE };
        match (port.is_first, port.is_last) {
            (true, false) if half + 4 > apart => -half - 4,
            (false, true) if half + 4 > apart => half + 4,
            _ => 0,
        }
    }
}
