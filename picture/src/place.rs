//! The placement of figures in cells.
//!
//! An arrow that leaves a figure at its right leads to the next column; an arrow that is drawn down or up stays in
//! the column, and an arrow that is drawn to the left leads to the previous one. The picture thereby resembles its
//! drawing, and long flows stay compact.

use std::collections::HashMap;

use flowgen_codegen::syntax::Direction;

use crate::course::Course;
use crate::grid::{Cell, Grid};
use crate::sketch::{Arrow, Sketch};

/// A cell relative to the first figure; the row is relative to the lane.
#[derive(Clone, Copy)]
struct Spot {
    column: i64,
    row: i64,
}

/// Assigns a cell to each figure.
pub(crate) fn place(sketch: &Sketch<'_>, course: &Course) -> Grid {
    let mut placing = Placing {
        sketch,
        spots: vec![Spot { column: 0, row: 0 }; sketch.figures.len()],
        taken: HashMap::new(),
    };
    for &figure in &course.order {
        let (wish, up) = placing.wish(figure, &course.before[figure]);
        placing.settle(figure, wish, up);
    }
    placing.into_grid()
}

struct Placing<'s, 'a> {
    sketch: &'s Sketch<'a>,
    spots: Vec<Spot>,
    /// The first and the last occupied row, by lane and column.
    taken: HashMap<(usize, i64), (i64, i64)>,
}

impl Placing<'_, '_> {
    /// Returns the preferred cell of a figure, and whether it moves up rather than down if that is occupied.
    fn wish(&self, figure: usize, before: &[usize]) -> (Spot, bool) {
        let arrows = before.iter().map(|&arrow| &self.sketch.arrows[arrow]);
        let Some(column) = arrows.clone().map(|arrow| self.behind(arrow)).max() else {
            return (Spot { column: 0, row: 0 }, false);
        };
        let mut leaders = arrows.filter(|arrow| self.behind(arrow) == column);
        let home = self.sketch.figures[figure].lane;
        let lane = |arrow: &Arrow| self.sketch.figures[arrow.from].lane;
        let Some(leader) = leaders.clone().find(|arrow| lane(arrow) == home).or_else(|| leaders.next())
        else {
            return (Spot { column, row: 0 }, false);
        };
        let up = leader.exit == Direction::Top;
        if lane(leader) != home {
            let is_beside = self.step(leader) == 0 && self.taken.contains_key(&(home, column));
            return (Spot { column: column + i64::from(is_beside), row: 0 }, up);
        }
        let row = self.spots[leader.from].row
            + match leader.exit {
                Direction::Top => -1,
                Direction::Bottom => 1,
                Direction::Left | Direction::Right => 0,
            };
        (Spot { column, row }, up)
    }

    fn behind(&self, arrow: &Arrow) -> i64 {
        self.spots[arrow.from].column + self.step(arrow)
    }

    /// Returns the number of columns between the ends of an arrow.
    fn step(&self, arrow: &Arrow) -> i64 {
        let (from, to) = (self.sketch.figures[arrow.from].lane, self.sketch.figures[arrow.to].lane);
        match (arrow.exit, arrow.entry) {
            (Direction::Bottom, Direction::Top) if from <= to => 0,
            (Direction::Top, Direction::Bottom) if from >= to => 0,
            (Direction::Left, Direction::Right) => -1,
            _ => 1,
        }
    }

    /// Assigns the preferred cell, or the next one above or below the occupied rows.
    fn settle(&mut self, figure: usize, wish: Spot, up: bool) {
        let lane = self.sketch.figures[figure].lane;
        let (first, last) = self.taken.entry((lane, wish.column)).or_insert((wish.row + 1, wish.row));
        let row = match wish.row {
            _ if first > last => wish.row,
            row if row < *first || row > *last => row,
            _ if up => *first - 1,
            _ => *last + 1,
        };
        *first = row.min(*first);
        *last = row.max(*last);
        self.spots[figure] = Spot { column: wish.column, row };
    }

    /// Renumbers columns from the leftmost one, and rows from the top of the first lane.
    fn into_grid(self) -> Grid {
        let left = self.spots.iter().map(|spot| spot.column).min().unwrap_or(0);
        let mut rows: Vec<(i64, i64)> = vec![(0, 0); self.sketch.lanes.len()];
        for (&(lane, _), &(first, last)) in &self.taken {
            rows[lane] = (rows[lane].0.min(first), rows[lane].1.max(last));
        }
        let mut lanes = Vec::with_capacity(rows.len());
        let mut next = 0;
        for (first, last) in &rows {
            let end = next + index(last - first) + 1;
            lanes.push(next..end);
            next = end;
        }
        let cell = |(figure, spot): (usize, &Spot)| {
            let lane = self.sketch.figures[figure].lane;
            Cell {
                column: index(spot.column - left),
                row: lanes[lane].start + index(spot.row - rows[lane].0),
            }
        };
        let cells = self.spots.iter().enumerate().map(cell).collect();
        Grid::new(cells, lanes)
    }
}

/// Converts a distance from the minimum, which is not negative.
fn index(distance: i64) -> usize {
    usize::try_from(distance).unwrap_or(0)
}
