//! Pictures of drawn workflows, as SVG.
//!
//! ```text
//! Analysis ──sketch──▶ Sketch ──course, place──▶ Grid ──route, track, port──▶ routes ──frame──▶ Frame ──paint──▶ SVG
//!                  contents               a cell per figure        channels for arrows     pixels
//! ```
//!
//! Each figure has its own cell in a grid: its column follows from its position in the flow, its row from its
//! lane. Between columns and between rows are channels. An arrow leaves its figure at the drawn side, and runs in
//! channels or straight over empty cells. Therefore no arrow crosses a figure, and a channel is as wide as its
//! arrows need.

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

/// The comment near the beginning of each picture, which names its origin.
const MARK: &str = "<!-- Written by flowgen render. Change the drawing, not this picture. -->";

/// Returns the picture of a drawing as a complete SVG file. The same drawing always yields the same file.
///
/// The picture shows the drawn nodes and arrows, and highlights their meaning: compensations, and the nodes and
/// arrows that lead to them, are tinted. A drawing with errors yields a picture of the parts that could be parsed.
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

/// Returns whether this text is a picture from [`svg`], of any drawing.
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
