//! Drawings of any size and shape, written node by node and never held.

mod shape;

use std::fmt;
use std::ops::Range;

pub(crate) use shape::Shape;
use shape::{Arrow, Kind};

pub(crate) const LANES: usize = 10;

/// As many nodes as said, three or more, in lanes of equal length: a start, a shape, an end.
#[derive(Clone, Copy)]
pub(crate) struct Drawing {
    pub(crate) shape: Shape,
    pub(crate) nodes: usize,
}

impl Drawing {
    /// The nodes of a lane.
    pub(crate) fn lane(self, lane: usize) -> Range<usize> {
        let length = self.lane_length();
        (lane * length).min(self.nodes)..((lane + 1) * length).min(self.nodes)
    }

    /// Whether a node is neither the start nor the end.
    pub(crate) fn is_inner(self, node: usize) -> bool {
        node > 0 && node + 1 < self.nodes
    }

    fn lane_length(self) -> usize {
        self.nodes.div_ceil(LANES)
    }

    /// The place of an inner node in its shape.
    fn place(self, node: usize) -> Option<usize> {
        self.is_inner(node).then(|| node - 1)
    }

    /// The last place of the shape.
    fn last(self) -> usize {
        self.nodes - 3
    }

    fn write_lane(self, lane: usize, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "Lane{lane} {{ # Lane {lane}")?;
        for node in self.lane(lane) {
            self.write_node(node, out)?;
            self.write_arrows(node, out)?;
        }
        writeln!(out, "}}")
    }

    fn write_node(self, node: usize, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place(node).map(|place| self.shape.kind(place, self.last())) {
            None if node == 0 => writeln!(out, r#"a{node}: circle label:"Start""#),
            None => writeln!(out, r#"a{node}: circle label:"End""#),
            Some(Kind::Step) => writeln!(out, r#"a{node}: rectangle label:"Do thing {node}""#),
            Some(Kind::Decision) => writeln!(out, r#"a{node}: diamond label:"Thing {node} done?""#),
        }
    }

    fn write_arrows(self, node: usize, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(place) = self.place(node) else {
            return if node == 0 { self.write_arrow(node, &Arrow::to(0), out) } else { Ok(()) };
        };
        for arrow in self.shape.arrows(place, self.last()) {
            self.write_arrow(node, &arrow, out)?;
        }
        if let Some(places) = self.shape.bounded(place) {
            writeln!(out, "loop [up to 3 times] a{} a{}", places.start() + 1, places.end() + 1)?;
        }
        Ok(())
    }

    fn write_arrow(self, from: usize, arrow: &Arrow, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let to = arrow.to + 1;
        let lane = to / self.lane_length();
        write!(out, "a{from}.handle(right) -> ")?;
        if lane != from / self.lane_length() {
            write!(out, "Lane{lane}.")?;
        }
        write!(out, "a{to}.handle(left)")?;
        match arrow.label {
            Some(label) => writeln!(out, r#" [label="{label}"]"#),
            None => writeln!(out),
        }
    }
}

impl fmt::Display for Drawing {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        (0..LANES).try_for_each(|lane| self.write_lane(lane, out))
    }
}
