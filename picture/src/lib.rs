//! Pictures of drawn workflows, as SVG.
//!
//! ```text
//! Analysis ──sketch──▶ Sketch ──course, place──▶ Grid ──route, track, port──▶ routes ──frame──▶ Frame ──paint──▶ SVG
//!                  what is shown          a cell a figure          channels to run in      pixels
//! ```
//!
//! Each figure has a cell of a grid to itself: a column by how far the flow has come, a row by its lane.
//! Between columns and between rows run channels. An arrow leaves its figure at the side that is drawn,
//! and runs in channels, or straight over cells that are empty. So no arrow can cross a figure, and
//! channels are as wide as what runs in them.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod axis;
mod course;
mod figure;
mod frame;
mod grid;
mod legend;
mod loops;
mod paint;
mod path;
mod place;
mod port;
mod route;
mod sketch;
mod tag;
mod text;
mod track;
mod xml;

use flowgen_codegen::Analysis;

use crate::course::Course;
use crate::figure::Body;
use crate::frame::{Frame, Layout};
use crate::sketch::Sketch;

/// How a picture says where it is from. Stands near the beginning of each.
const MARK: &str = "<!-- Written by flowgen render. Change the drawing, not this picture. -->";

/// The picture of a drawing: a whole SVG file, always the same for the same drawing.
///
/// Shows what is drawn, and marks what it means: what undoes something or leads there is tinted. Whatever
/// is wrong with the drawing, there is a picture of what could be read.
///
/// # Examples
///
/// ```
/// let analysis = flowgen_codegen::analyze(r#"Shop { # Shop
///   n1: circle label:"Ordered"
///   n2: circle label:"Sold"
///   n1.handle(right) -> n2.handle(left) [label="Pay & go"]
/// }"#);
/// let svg = flowgen_picture::svg(&analysis);
/// assert!(svg.starts_with("<svg "));
/// assert!(svg.contains(">Pay &amp; go</text>"));
/// ```
#[must_use]
pub fn svg(analysis: &Analysis) -> String {
    let sketch = Sketch::of(analysis);
    let grid = place::place(&sketch, &Course::of(&sketch));
    let mut routes = route::route(&sketch, &grid);
    let tracks = track::assign(&mut routes, &grid);
    let bodies: Vec<Body> = sketch.figures.iter().map(Body::of).collect();
    let ports = port::assign(&sketch, &grid, &routes, &bodies);
    let layout = Layout { sketch: &sketch, grid: &grid, routes: &routes, tracks: &tracks, ports: &ports };
    paint::paint(&sketch, &Frame::of(&layout, bodies))
}

/// Is this the text of a picture that [`svg`] has made, of any drawing?
///
/// ```
/// let analysis = flowgen_codegen::analyze("Shop { # Shop\n}");
/// assert!(flowgen_picture::is_picture(&flowgen_picture::svg(&analysis)));
/// assert!(!flowgen_picture::is_picture("<svg xmlns=\"http://www.w3.org/2000/svg\"/>"));
/// ```
#[must_use]
pub fn is_picture(text: &str) -> bool {
    text.starts_with("<svg ") && text.lines().nth(1) == Some(MARK)
}
