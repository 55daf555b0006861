//! The legend below the picture, which explains only the notation that the picture uses.

use std::fmt::{self, Write as _};

use flowgen_codegen::syntax::Direction;

use crate::figure::SMALL;
use crate::frame::MARGIN;
use crate::path;
use crate::sketch::{Sketch, Stroke};
use crate::text::width;

/// The height of the legend, if there is one.
const HEIGHT: i64 = 26;

/// The width of a sample, the space after it, and the space between entries.
const SAMPLE: i64 = 28;
const SPACE: i64 = 6;
const BETWEEN: i64 = 24;

/// The entries of the legend.
pub(crate) struct Legend(Vec<Entry>);

/// A sample and its meaning.
struct Entry {
    sample: Sample,
    meaning: &'static str,
}

enum Sample {
    /// A tinted box.
    Tint,
    /// A line of this class.
    Line(&'static str),
}

/// Returns the legend for this sketch.
pub(crate) fn of(sketch: &Sketch<'_>) -> Legend {
    let has = |stroke| sketch.arrows.iter().any(|arrow| arrow.stroke == stroke);
    let entries = [
        (sketch.figures.iter().any(|figure| figure.is_rollback), Sample::Tint, "rollback"),
        (has(Stroke::Dotted), Sample::Line("dotted undo"), "compensated by"),
        (has(Stroke::Dashed), Sample::Line("dashed"), "message, not awaited"),
    ];
    let needed = entries.into_iter().filter(|(is_needed, ..)| *is_needed);
    Legend(needed.map(|(_, sample, meaning)| Entry { sample, meaning }).collect())
}

impl Legend {
    pub(crate) fn height(&self) -> i64 {
        if self.0.is_empty() { 0 } else { HEIGHT }
    }

    pub(crate) fn width(&self) -> i64 {
        self.0.iter().map(Entry::width).sum()
    }

    /// Paints the legend below `top`.
    pub(crate) fn paint(&self, svg: &mut String, top: i64) -> fmt::Result {
        let (mut x, y) = (MARGIN, top + HEIGHT / 2 + 4);
        for entry in &self.0 {
            let end = x + SAMPLE;
            match entry.sample {
                Sample::Tint => writeln!(
                    svg,
                    "<g class=\"undo\"><rect class=\"shape\" x=\"{x}\" y=\"{}\" width=\"{SAMPLE}\" height=\"14\" rx=\"4\"/></g>",
                    y - 7
                )?,
                Sample::Line(class) => {
                    let line = path::rounded(&[(x, y), (end, y)], Direction::Left);
                    let head = path::head((end, y), Direction::Left, true);
                    writeln!(
                        svg,
                        "<g class=\"{class}\"><path class=\"line\" d=\"{line}\"/><path class=\"open\" d=\"{head}\"/></g>"
                    )?;
                }
            }
            writeln!(
                svg,
                "<text class=\"legend\" x=\"{}\" y=\"{}\">{}</text>",
                end + SPACE,
                y + 4,
                entry.meaning
            )?;
            x += entry.width();
        }
        Ok(())
    }
}

impl Entry {
    fn width(&self) -> i64 {
        SAMPLE + SPACE + width(self.meaning, SMALL) + BETWEEN
    }
}
