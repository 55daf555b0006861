//! The conversion of cells, channels and tracks to pixels.

use std::ops::Range;

use crate::axis::{Axis, Places};
use crate::figure::{Body, LETTER, LINE, Point};
use crate::grid::{Cell, Grid, is_level};
use crate::path;
use crate::port::Port;
use crate::route::{Channel, Route};
use crate::sketch::Sketch;
use crate::tag::{Tag, tags};
use crate::text::wrap;
use crate::track::Tracks;

/// The margin of the picture.
pub(crate) const MARGIN: i64 = 12;

/// The extent of an empty row above and below its center.
const EMPTY_ROW: i64 = 16;

/// The positions of everything, in pixels.
pub(crate) struct Frame {
    pub(crate) width: i64,
    pub(crate) height: i64,
    /// The right edge of the lanes' titles.
    pub(crate) titles: i64,
    pub(crate) lanes: Vec<Title>,
    /// By figure: its shape and its center.
    pub(crate) bodies: Vec<(Body, Point)>,
    /// By arrow.
    pub(crate) lines: Vec<Vec<Point>>,
    pub(crate) labels: Vec<Label>,
}

/// The title of a lane, and the extent of the lane.
pub(crate) struct Title {
    pub(crate) lines: Vec<String>,
    pub(crate) top: i64,
    pub(crate) bottom: i64,
}

/// The label of an arrow.
pub(crate) struct Label {
    pub(crate) lines: Vec<String>,
    pub(crate) middle: Point,
    pub(crate) is_rollback: bool,
}

/// The layout before it is converted to pixels.
pub(crate) struct Layout<'l, 'a> {
    pub(crate) sketch: &'l Sketch<'a>,
    pub(crate) grid: &'l Grid,
    pub(crate) routes: &'l [Route],
    pub(crate) tracks: &'l Tracks,
    pub(crate) ports: &'l [(Port, Port)],
}

impl Frame {
    pub(crate) fn of(layout: &Layout<'_, '_>, bodies: Vec<Body>) -> Self {
        let tags = tags(layout.sketch);
        let titles = MARGIN + 2 * LINE + 4;
        let (columns, rows) = layout.axes(&bodies, &tags);
        let places = Placed { columns: columns.laid_out(titles), rows: rows.laid_out(MARGIN) };
        let bodies: Vec<_> = bodies
            .into_iter()
            .zip(&layout.grid.cells)
            .map(|(body, cell)| (body, places.middle(*cell)))
            .collect();
        let lines = layout.lines(&bodies, &places);
        let labels = layout.labels(tags, &lines, &places);
        Self {
            width: places.columns.end + MARGIN,
            height: places.rows.end,
            titles,
            lanes: layout.lanes(&places.rows),
            bodies,
            lines,
            labels,
        }
    }
}

/// The positions of columns and rows, in pixels.
struct Placed {
    columns: Places,
    rows: Places,
}

impl Placed {
    fn middle(&self, cell: Cell) -> Point {
        (self.columns.middles[cell.column], self.rows.middles[cell.row])
    }
}

impl Layout<'_, '_> {
    /// Returns the space that figures, labels and tracks need.
    fn axes(&self, bodies: &[Body], tags: &[Option<Tag>]) -> (Axis, Axis) {
        let mut columns = Axis::new(0, &self.tracks.columns);
        let mut rows = Axis::new(EMPTY_ROW, &self.tracks.rows);
        for (body, cell) in bodies.iter().zip(&self.grid.cells) {
            columns.hold(cell.column, body.half_width, body.half_width);
            rows.hold(cell.row, body.above, body.below);
        }
        for (arrow, tag) in self.sketch.arrows.iter().zip(tags) {
            let Some(tag) = tag else { continue };
            let cell = self.grid.cells[arrow.from];
            if is_level(arrow.exit) {
                columns.keep_free(cell.column, arrow.exit, tag);
            } else {
                rows.keep_free(cell.row, arrow.exit, tag);
            }
        }
        self.grid
            .lanes
            .iter()
            .flat_map(|lane| [lane.start, lane.end])
            .for_each(|channel| rows.divide(channel));
        (columns, rows)
    }

    fn lanes(&self, rows: &Places) -> Vec<Title> {
        let title = |(label, lane): (&&str, &Range<usize>)| {
            let (top, bottom) = (rows.border(lane.start), rows.border(lane.end));
            Title { lines: wrap(label, LETTER, bottom - top - 12, 2), top, bottom }
        };
        self.sketch.lanes.iter().zip(&self.grid.lanes).map(title).collect()
    }

    /// By arrow.
    fn lines(&self, bodies: &[(Body, Point)], places: &Placed) -> Vec<Vec<Point>> {
        let port = |figure: usize, side, port: Port| {
            let (body, middle) = &bodies[figure];
            body.port(*middle, side, port.offset)
        };
        let mut lines = Vec::with_capacity(self.routes.len());
        for ((arrow, route), (leaves, comes)) in self.sketch.arrows.iter().zip(self.routes).zip(self.ports) {
            let turns = route.iter().map(|run| match run.channel {
                Channel::Column(_) => places.columns.track(run),
                Channel::Row(_) => places.rows.track(run),
            });
            let (start, end) = (port(arrow.from, arrow.exit, *leaves), port(arrow.to, arrow.entry, *comes));
            lines.push(path::polyline(start, is_level(arrow.exit), turns, end));
        }
        lines
    }

    /// Places each label where its line begins.
    fn labels(&self, tags: Vec<Option<Tag>>, lines: &[Vec<Point>], places: &Placed) -> Vec<Label> {
        let mut labels = Vec::new();
        for (at, tag) in tags.into_iter().enumerate() {
            let (Some(tag), Some(&(x, y))) = (tag, lines[at].first()) else { continue };
            let arrow = &self.sketch.arrows[at];
            let cell = self.grid.cells[arrow.from];
            let aside = tag.aside(self.ports[at].0, is_level(arrow.exit));
            let middle = if is_level(arrow.exit) {
                (places.columns.beside(cell.column, arrow.exit, &tag), y + aside)
            } else {
                (x + aside, places.rows.beside(cell.row, arrow.exit, &tag))
            };
            labels.push(Label { lines: tag.lines, middle, is_rollback: arrow.is_rollback });
        }
        labels
    }
}
