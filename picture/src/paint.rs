//! Writing the SVG.

use std::fmt::{self, Write as _};

use flowgen_codegen::model::Kind;

use crate::MARK;
use crate::figure::{Body, LINE, Point, RADIUS, SMALL_LINE, Shape};
use crate::frame::{Frame, Label, MARGIN, Title};
use crate::legend;
use crate::path;
use crate::sketch::{Arrow, Figure, Sketch, Stroke};
use crate::xml::escape;

/// The colors for light and dark backgrounds. Viewers without support for dark mode use the light ones.
const STYLE: &str = include_str!("style.css");

/// The distance from the baseline of a text to the center of its letters.
const BASE: i64 = 4;

/// Paints the whole picture.
pub(crate) fn paint(sketch: &Sketch<'_>, frame: &Frame) -> String {
    let mut svg = String::new();
    // Writing to a string doesn't fail.
    let _ = whole(&mut svg, sketch, frame);
    svg
}

fn whole(svg: &mut String, sketch: &Sketch<'_>, frame: &Frame) -> fmt::Result {
    let legend = legend::of(sketch);
    let width = frame.width.max(legend.width() + 2 * MARGIN);
    let height = frame.height + legend.height() + MARGIN;
    writeln!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
         height=\"{height}\" role=\"img\" aria-labelledby=\"title desc\">"
    )?;
    writeln!(svg, "{MARK}")?;
    writeln!(svg, "<title id=\"title\">{}</title>", escape(&title(sketch)))?;
    writeln!(svg, "<desc id=\"desc\">{}</desc>", escape(&description(sketch)))?;
    writeln!(svg, "<style>\n{}\n</style>", STYLE.trim_end())?;
    writeln!(svg, "<rect class=\"page\" width=\"{width}\" height=\"{height}\" rx=\"8\"/>")?;
    for title in &frame.lanes {
        paint_lane(svg, title, frame.titles, width)?;
    }
    for (arrow, line) in sketch.arrows.iter().zip(&frame.lines) {
        paint_arrow(svg, sketch, arrow, line)?;
    }
    for (figure, (body, middle)) in sketch.figures.iter().zip(&frame.bodies) {
        paint_figure(svg, figure, body, *middle)?;
    }
    for label in &frame.labels {
        paint_label(svg, label)?;
    }
    legend.paint(svg, frame.height)?;
    writeln!(svg, "</svg>")
}

fn title(sketch: &Sketch<'_>) -> String {
    match sketch.lanes[..] {
        [] => "An empty workflow".to_owned(),
        [only] => format!("The workflow of {only}"),
        [ref first @ .., last] => format!("The workflow of {} and {last}", first.join(", ")),
    }
}

/// Returns a description of every figure and the targets of its arrows.
fn description(sketch: &Sketch<'_>) -> String {
    let mut onward = vec![String::new(); sketch.figures.len()];
    for arrow in &sketch.arrows {
        let text = &mut onward[arrow.from];
        text.push_str(if text.is_empty() { " → " } else { ", " });
        if arrow.stroke == Stroke::Dotted {
            text.push_str("compensated by ");
        }
        text.push_str(sketch.figures[arrow.to].label);
        if !arrow.label.is_empty() {
            let _ = write!(text, " ({})", arrow.label.join(", "));
        }
    }
    let sentences = sketch.figures.iter().zip(onward);
    sentences.map(|(figure, onward)| format!("{}{onward}.", figure.label)).collect::<Vec<_>>().join(" ")
}

fn paint_lane(svg: &mut String, title: &Title, right: i64, width: i64) -> fmt::Result {
    let Title { lines, top, bottom } = title;
    let (height, length) = (bottom - top, width - 2 * MARGIN);
    writeln!(
        svg,
        "<rect class=\"lane\" x=\"{MARGIN}\" y=\"{top}\" width=\"{length}\" height=\"{height}\"/>"
    )?;
    let strip = right - MARGIN;
    writeln!(
        svg,
        "<rect class=\"strip\" x=\"{MARGIN}\" y=\"{top}\" width=\"{strip}\" height=\"{height}\"/>"
    )?;
    let (x, y) = (MARGIN + strip / 2, top + height / 2);
    for (at, line) in lines.iter().enumerate() {
        let base = x - middle_out(lines.len(), LINE) + row(at, LINE) + BASE;
        let text = escape(line);
        writeln!(svg, "<text class=\"name\" transform=\"translate({base} {y})rotate(-90)\">{text}</text>")?;
    }
    Ok(())
}

fn paint_arrow(svg: &mut String, sketch: &Sketch<'_>, arrow: &Arrow, line: &[Point]) -> fmt::Result {
    let stroke = match arrow.stroke {
        Stroke::Solid => "",
        Stroke::Dashed => " dashed",
        Stroke::Dotted => " dotted",
    };
    let tint = if arrow.is_rollback { " undo" } else { "" };
    let (from, to) = (sketch.figures[arrow.from].id, sketch.figures[arrow.to].id);
    let tip = line.last().copied().unwrap_or_default();
    let is_open = arrow.stroke != Stroke::Solid;
    let (d, head) = (path::rounded(line, arrow.entry), path::head(tip, arrow.entry, is_open));
    let head_class = if is_open { "open" } else { "head" };
    writeln!(
        svg,
        "<g class=\"arrow{stroke}{tint}\"><title>{} → {}</title><path class=\"line\" d=\"{d}\"/>\
         <path class=\"{head_class}\" d=\"{head}\"/></g>",
        escape(from),
        escape(to)
    )
}

fn paint_figure(svg: &mut String, figure: &Figure<'_>, body: &Body, middle: Point) -> fmt::Result {
    let kind = match figure.kind {
        Kind::Start => "start",
        Kind::End => "end",
        Kind::Milestone => "milestone",
        Kind::Step => "step",
        Kind::Task => "task",
        Kind::Decision => "decision",
    };
    let tint = if figure.is_rollback { " undo" } else { "" };
    let (id, label) = (escape(figure.id), escape(figure.label));
    writeln!(svg, "<g class=\"{kind}{tint}\"><title>{id}: {label}</title>")?;
    paint_outline(svg, figure.kind, body, middle)?;
    let (x, mut base) = (middle.0, middle.1 + body.text_top());
    for line in &body.label {
        writeln!(svg, "<text x=\"{x}\" y=\"{}\">{}</text>", base + LINE - BASE, escape(line))?;
        base += LINE;
    }
    for line in &body.notes {
        writeln!(
            svg,
            "<text class=\"note\" x=\"{x}\" y=\"{}\">{}</text>",
            base + SMALL_LINE - BASE,
            escape(line)
        )?;
        base += SMALL_LINE;
    }
    writeln!(svg, "</g>")
}

fn paint_outline(svg: &mut String, kind: Kind, body: &Body, (x, y): Point) -> fmt::Result {
    let (half_width, half_height) = (body.half_width, body.above);
    let (left, top) = (x - half_width, y - half_height);
    match body.shape {
        Shape::Circle => {
            writeln!(svg, "<circle class=\"shape\" cx=\"{x}\" cy=\"{y}\" r=\"{RADIUS}\"/>")?;
            if kind == Kind::Milestone {
                writeln!(svg, "<circle class=\"shape\" cx=\"{x}\" cy=\"{y}\" r=\"{}\"/>", RADIUS - 4)?;
            }
        }
        Shape::Box => {
            let (width, height) = (2 * half_width, 2 * half_height);
            writeln!(
                svg,
                "<rect class=\"shape\" x=\"{left}\" y=\"{top}\" width=\"{width}\" height=\"{height}\" rx=\"6\"/>"
            )?;
            if kind == Kind::Task {
                // The icon of a person.
                let (x, y) = (left + 10, top + 8);
                writeln!(
                    svg,
                    "<path class=\"person\" d=\"M{} {}a5 5 0 0 1 10 0zM{} {y}a2.5 2.5 0 1 0 .1 0z\"/>",
                    x - 5,
                    y + 11,
                    x
                )?;
            }
        }
        Shape::Diamond => {
            let (right, bottom) = (x + half_width, y + half_height);
            writeln!(svg, "<path class=\"shape\" d=\"M{x} {top}L{right} {y}L{x} {bottom}L{left} {y}Z\"/>")?;
        }
    }
    Ok(())
}

fn paint_label(svg: &mut String, label: &Label) -> fmt::Result {
    let (x, y) = label.middle;
    let tint = if label.is_rollback { " undo" } else { "" };
    for (at, line) in label.lines.iter().enumerate() {
        let base = y - middle_out(label.lines.len(), SMALL_LINE) + row(at, SMALL_LINE) + BASE;
        writeln!(svg, "<text class=\"label{tint}\" x=\"{x}\" y=\"{base}\">{}</text>", escape(line))?;
    }
    Ok(())
}

/// Returns the distance from the first of several lines to their center.
fn middle_out(lines: usize, height: i64) -> i64 {
    (i64::try_from(lines).unwrap_or(1) - 1) * height / 2
}

fn row(at: usize, height: i64) -> i64 {
    i64::try_from(at).unwrap_or(0) * height
}
