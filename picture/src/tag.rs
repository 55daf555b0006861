//! The labels of arrows, in their channels.

use crate::figure::{SMALL, SMALL_LINE, widest};
use crate::grid::is_level;
use crate::port::{APART, APART_ABOVE, Port};
use crate::sketch::{Arrow, Sketch};
use crate::text::wrap;

/// The space around a label, along the arrow.
pub(crate) const AROUND: i64 = 8;

/// A label, before the position of its figure is known.
pub(crate) struct Tag {
    pub(crate) lines: Vec<String>,
    /// The distance from the beginning of the channel to the nearer edge.
    pub(crate) from: i64,
    /// Its length in the direction of the arrow.
    pub(crate) length: i64,
    /// Its length across the arrow.
    breadth: i64,
}

/// Returns the labels by arrow. Labels at one side of a figure follow each other.
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
    /// Returns the distance of its center from the arrow: zero, unless the label would cover its neighbor.
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
