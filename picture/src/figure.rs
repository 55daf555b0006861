//! The size and the outline of a figure.

use flowgen_codegen::model::Kind;
use flowgen_codegen::syntax::Direction;

use crate::sketch::Figure;
use crate::text::{width, wrap};

/// The font size of a label, and the height of its lines.
pub(crate) const LETTER: i64 = 13;
pub(crate) const LINE: i64 = 16;

/// The font size of notes below a label, and the height of their lines.
pub(crate) const SMALL: i64 = 11;
pub(crate) const SMALL_LINE: i64 = 14;

/// The radius of a circle.
pub(crate) const RADIUS: i64 = 15;

/// The most lines of a label. The figure's title has the full text.
const MOST_LINES: usize = 5;

/// A point, in pixels.
pub(crate) type Point = (i64, i64);

/// The shape of a figure, relative to its center.
pub(crate) struct Body {
    pub(crate) shape: Shape,
    pub(crate) label: Vec<String>,
    pub(crate) notes: Vec<String>,
    /// The extent to the left and to the right.
    pub(crate) half_width: i64,
    /// The extent to the top.
    pub(crate) above: i64,
    /// The extent to the bottom.
    pub(crate) below: i64,
}

/// An outline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// The label is below the circle.
    Circle,
    Box,
    Diamond,
}

impl Body {
    pub(crate) fn of(figure: &Figure<'_>) -> Self {
        let shape = match figure.kind {
            Kind::Start | Kind::End | Kind::Milestone => Shape::Circle,
            Kind::Step | Kind::Task => Shape::Box,
            Kind::Decision => Shape::Diamond,
        };
        let room = match shape {
            Shape::Box => 104,
            Shape::Circle | Shape::Diamond => 84,
        };
        let label = wrap(figure.label, LETTER, room, MOST_LINES);
        let notes: Vec<_> = figure.notes.iter().flat_map(|note| wrap(note, SMALL, room, 2)).collect();
        let text_width = widest(&label, LETTER).max(widest(&notes, SMALL));
        let text_height = height(&label, &notes);
        let (half_width, above, below) = match shape {
            Shape::Circle => (RADIUS.max(text_width / 2), RADIUS, RADIUS + 4 + text_height),
            Shape::Box => {
                let half = (text_height / 2 + 9).max(24);
                let beside = if figure.kind == Kind::Task { 18 } else { 9 };
                ((text_width / 2 + beside).max(48), half, half)
            }
            Shape::Diamond => {
                // The corners of the text are on the outline, or inside of it.
                let half = (text_height * 9 / 10 + 4).max(30);
                ((text_width * 9 / 10 + 6).max(48), half, half)
            }
        };
        Self { shape, label, notes, half_width, above, below }
    }

    /// Returns the top of the text, relative to the center.
    pub(crate) fn text_top(&self) -> i64 {
        match self.shape {
            Shape::Circle => RADIUS + 4,
            Shape::Box | Shape::Diamond => -height(&self.label, &self.notes) / 2,
        }
    }

    /// Returns the length of a side over which ports can be spread.
    pub(crate) fn side(&self, side: Direction) -> i64 {
        let is_level = matches!(side, Direction::Left | Direction::Right);
        match self.shape {
            Shape::Circle => RADIUS,
            Shape::Box if is_level => 2 * self.above - 12,
            Shape::Box => 2 * self.half_width - 24,
            // Ports stay near the corner, because the sides distinguish the outcomes of a decision.
            Shape::Diamond => self.above / 2,
        }
    }

    /// Returns the point of a port, `offset` pixels from the center of a side.
    pub(crate) fn port(&self, (x, y): Point, side: Direction, offset: i64) -> Point {
        let reach = self.reach(side, offset);
        match side {
            Direction::Left => (x - reach, y + offset),
            Direction::Right => (x + reach, y + offset),
            Direction::Top => (x + offset, y - reach),
            Direction::Bottom => (x + offset, y + reach),
        }
    }

    /// Returns the distance of the outline from the center.
    fn reach(&self, side: Direction, offset: i64) -> i64 {
        let is_level = matches!(side, Direction::Left | Direction::Right);
        match self.shape {
            Shape::Circle if side == Direction::Bottom => self.below,
            Shape::Circle => (RADIUS * RADIUS - (offset * offset).min(RADIUS * RADIUS)).isqrt(),
            Shape::Box => {
                if is_level {
                    self.half_width
                } else {
                    self.above
                }
            }
            Shape::Diamond => {
                let (reach, half) =
                    if is_level { (self.half_width, self.above) } else { (self.above, self.half_width) };
                (reach * (half - offset.abs().min(half)) + half / 2) / half
            }
        }
    }
}

fn height(label: &[String], notes: &[String]) -> i64 {
    let lines = |lines: &[String], height: i64| i64::try_from(lines.len()).unwrap_or(0) * height;
    lines(label, LINE) + lines(notes, SMALL_LINE)
}

/// Returns the width of the widest line.
pub(crate) fn widest(lines: &[String], size: i64) -> i64 {
    lines.iter().map(|line| width(line, size)).max().unwrap_or(0)
}
