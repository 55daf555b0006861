//! The grid, whose cells hold the figures.

use std::ops::{Range, RangeInclusive};

use flowgen_codegen::syntax::Direction;

/// A cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Cell {
    pub(crate) column: usize,
    pub(crate) row: usize,
}

/// The assignment of figures to cells.
///
/// Invariant: no two figures share a cell. Channel `n` is before column (row) `n`, and one more channel is after
/// the last one.
pub(crate) struct Grid {
    /// By figure.
    pub(crate) cells: Vec<Cell>,
    /// The rows of each lane.
    pub(crate) lanes: Vec<Range<usize>>,
    pub(crate) columns: usize,
    pub(crate) rows: usize,
    /// The columns of the figures in each row, sorted.
    along_rows: Vec<Vec<usize>>,
    /// The rows of the figures in each column, sorted.
    along_columns: Vec<Vec<usize>>,
}

impl Grid {
    pub(crate) fn new(cells: Vec<Cell>, lanes: Vec<Range<usize>>) -> Self {
        let columns = cells.iter().map(|cell| cell.column + 1).max().unwrap_or(1);
        let rows = lanes.last().map_or(0, |lane| lane.end);
        let mut along_rows = vec![Vec::new(); rows];
        let mut along_columns = vec![Vec::new(); columns];
        for cell in &cells {
            along_rows[cell.row].push(cell.column);
            along_columns[cell.column].push(cell.row);
        }
        along_rows.iter_mut().chain(&mut along_columns).for_each(|line| line.sort_unstable());
        Self { cells, lanes, columns, rows, along_rows, along_columns }
    }

    /// Returns the figures in line with a cell, and the position of the cell: along its row for `Left` and
    /// `Right`, else along its column.
    fn line(&self, cell: Cell, side: Direction) -> (&[usize], usize) {
        if is_level(side) {
            (&self.along_rows[cell.row], cell.column)
        } else {
            (&self.along_columns[cell.column], cell.row)
        }
    }

    /// Returns the position of the next figure on the line that leaves a cell at a side.
    pub(crate) fn next(&self, cell: Cell, side: Direction) -> Option<usize> {
        let (line, at) = self.line(cell, side);
        let place = line.partition_point(|&other| other < at);
        if is_forward(side) { line.get(place + 1).copied() } else { line[..place].last().copied() }
    }

    /// Returns the channels that the straight line that leaves a cell at a side can reach.
    pub(crate) fn reach(&self, cell: Cell, side: Direction) -> RangeInclusive<usize> {
        let (_, at) = self.line(cell, side);
        let end = if is_level(side) { self.columns } else { self.rows };
        if is_forward(side) {
            at + 1..=self.next(cell, side).unwrap_or(end)
        } else {
            self.next(cell, side).map_or(0, |next| next + 1)..=at
        }
    }

    /// The channel right beside a cell.
    pub(crate) fn beside(cell: Cell, side: Direction) -> usize {
        let at = if is_level(side) { cell.column } else { cell.row };
        if is_forward(side) { at + 1 } else { at }
    }
}

/// Returns whether a line that leaves at this side is horizontal.
pub(crate) fn is_level(side: Direction) -> bool {
    matches!(side, Direction::Left | Direction::Right)
}

/// Returns whether a line that leaves at this side leads to the right or down.
pub(crate) fn is_forward(side: Direction) -> bool {
    matches!(side, Direction::Right | Direction::Bottom)
}
