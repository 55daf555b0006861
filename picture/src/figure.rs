//! How large a figure is, and where its outline runs.

use flowgen_codegen::model::Kind;
use flowgen_codegen::syntax::Direction;

use crate::sketch::Figure;
use crate::text::{width, wrap};

/// The size of a label's letters, and the height of its lines.
pub(crate) const LETTER: i64 = 13;
pub(crate) const LINE: i64 = 16;

/// The same of notes below a label.
pub(crate) const SMALL: i64 = 11;
pub(crate) const SMALL_LINE: i64 = 14;

/// The radius of a circle.
pub(crate) const RADIUS: i64 = 15;

/// The most lines of a label. The whole of it is in the figure's title.
const MOST_LINES: usize = 5;

/// A point, in pixels.
pub(crate) type Point = (i64, i64);

/// What a figure looks like, around its middle.
pub(crate) struct Body {
    pub(crate) shape: Shape,
    pub(crate) label: Vec<String>,
    pub(crate) notes: Vec<String>,
    /// How far it reaches to the left and to the right.
    pub(crate) half_width: i64,
    /// How far it reaches up.
    pub(crate) above: i64,
    /// How far it reaches down.
    pub(crate) below: i64,
}

/// An outline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// With its label below.
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
                // The text's corners lie on the outline, or within it.
                let half = (text_height * 9 / 10 + 4).max(30);
                ((text_width * 9 / 10 + 6).max(48), half, half)
            }
        };
        Self { shape, label, notes, half_width, above, below }
    }

    /// The top of the text, from the middle.
    pub(crate) fn text_top(&self) -> i64 {
        match self.shape {
            Shape::Circle => RADIUS + 4,
            Shape::Box | Shape::Diamond => -height(&self.label, &self.notes) / 2,
        }
    }

    /// The length of a side over which ports can be spread.
    pub(crate) fn side(&self, side: Direction) -> i64 {
        let is_level = matches!(side, Direction::Left | Direction::Right);
        match self.shape {
            Shape::Circle => RADIUS,
            Shape::Box if is_level => 2 * self.above - 12,
            Shape::Box => 2 * self.half_width - 24,
            // Near the corner: arrows of a decision are told apart by where they leave.
            Shape::Diamond => self.above / 2,
        }
    }

    /// Where an arrow leaves or comes, `offset` from the middle of a side.
    pub(crate) fn port(&self, (x, y): Point, side: Direction, offset: i64) -> Point {
        let reach = self.reach(side, offset);
        match side {
            Direction::Left => (x - reach, y + offset),
            Direction::Right => (x + reach, y + offset),
            Direction::Top => (x + offset, y - reach),
            Direction::Bottom => (x + offset, y + reach),
        }
    }

    /// How far the outline is from the middle.
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

/// The width of the widest line.
pub(crate) fn widest(lines: &[String], size: i64) -> i64 {
    lines.iter().map(|line| width(line, size)).max().unwrap_or(0)
}
