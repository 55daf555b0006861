//! What holds for every picture.

use std::fmt::Write as _;
use std::fs;

use flowgen_codegen::analyze;
use flowgen_codegen::syntax::Item;
use proptest::prelude::*;

use crate::shown::{Arrow, Point, Shown, drawings, picture};

/// Everything that is drawn is shown, and nothing overlaps.
fn expect_sound(name: &str, drawing: &str) {
    let svg = picture(drawing);
    assert_eq!(svg, picture(drawing), "{name} looks different the second time");
    let shown = Shown::read(&svg);
    expect_complete(name, drawing, &shown);
    expect_apart(name, &shown);
    expect_clear(name, &shown);
}

fn expect_complete(name: &str, drawing: &str, shown: &Shown) {
    let drawing = analyze(drawing).drawing;
    let (mut nodes, mut arrows) = (Vec::new(), Vec::new());
    for item in drawing.items.iter().flat_map(|item| match item {
        Item::Lane(lane) => lane.items.as_slice(),
        _ => std::slice::from_ref(item),
    }) {
        match item {
            Item::Node(node) => nodes.push(node.id.text.clone()),
            Item::Edge(edge) => arrows.push(format!("{} → {}", edge.from.node.id.text, edge.to.node.id.text)),
            _ => {}
        }
    }
    let figures: Vec<_> = shown.figures.iter().map(|figure| figure.id.clone()).collect();
    assert_eq!(figures, nodes, "the figures of {name}");
    // A loop may imply an arrow; such ones come last.
    let lines: Vec<_> = shown.arrows.iter().map(|arrow| arrow.title.clone()).take(arrows.len()).collect();
    assert_eq!(lines, arrows, "the arrows of {name}");
}

fn expect_apart(name: &str, shown: &Shown) {
    for (at, one) in shown.figures.iter().enumerate() {
        for other in &shown.figures[at + 1..] {
            let ([left, top, right, bottom], [l, t, r, b]) = (one.around, other.around);
            let is_apart = right < l || r < left || bottom < t || b < top;
            assert!(is_apart, "{} and {} overlap in {name}", one.id, other.id);
        }
    }
}

/// No arrow runs through a figure.
fn expect_clear(name: &str, shown: &Shown) {
    for arrow in &shown.arrows {
        for line in arrow.corners.windows(2) {
            let ((x, y), (x_end, y_end)) = (line[0], line[1]);
            assert!(x == x_end || y == y_end, "{} slants in {name}: {:?}", arrow.title, arrow.corners);
            for figure in &shown.figures {
                let [left, top, right, bottom] = figure.around;
                let slack = figure.slack;
                let is_through = x.min(x_end) < right - slack
                    && left + slack < x.max(x_end)
                    && y.min(y_end) < bottom - slack
                    && top + slack < y.max(y_end);
                assert!(!is_through, "{} runs through {} in {name}", arrow.title, figure.id);
            }
        }
    }
}

#[test]
fn pictures_of_drawings_are_sound() {
    for path in drawings() {
        let (name, drawing) = (path.display().to_string(), fs::read_to_string(&path).unwrap());
        expect_sound(&name, &drawing);
        expect_told_apart(&name, &Shown::read(&picture(&drawing)));
    }
}

/// Arrows that have no figure in common do not run on each other.
fn expect_told_apart(name: &str, shown: &Shown) {
    let lines = |arrow: &Arrow| arrow.corners.windows(2).map(|line| (line[0], line[1])).collect::<Vec<_>>();
    for (at, one) in shown.arrows.iter().enumerate() {
        for other in shown.arrows[at + 1..].iter().filter(|other| !one.shares_a_figure(other)) {
            for (line, other_line) in
                lines(one).into_iter().flat_map(|l| lines(other).into_iter().map(move |o| (l, o)))
            {
                let shared = shared_length(line, other_line);
                assert!(shared <= 1, "{} runs on {} in {name}", one.title, other.title);
            }
        }
    }
}

/// The length that two lines, level or upright, have in common.
fn shared_length((a, b): (Point, Point), (c, d): (Point, Point)) -> i64 {
    let level = a.1 == b.1 && c.1 == d.1 && a.1 == c.1;
    let upright = a.0 == b.0 && c.0 == d.0 && a.0 == c.0;
    let common = |a: i64, b: i64, c: i64, d: i64| a.max(b).min(c.max(d)) - a.min(b).max(c.min(d));
    if level {
        common(a.0, b.0, c.0, d.0)
    } else if upright {
        common(a.1, b.1, c.1, d.1)
    } else {
        0
    }
}

const SIDES: [&str; 4] = ["left", "right", "top", "bottom"];
const SHAPES: [&str; 4] = ["circle", "rectangle", "diamond", "taskbox"];
const LABELS: [&str; 6] = [
    "",
    " [label=\"Yes\"]",
    " [label=\"a rather long label\"]",
    " [label=\"async: told\"]",
    " [label=\"compensated by\"]",
    " [label=\"<&>\"]",
];

/// Drawings of all kinds, most of them without sense: the lane of each node and its shape, and for each
/// arrow its ends, their sides and its label.
fn any_drawing() -> impl Strategy<Value = String> {
    let nodes = prop::collection::vec((0_usize..4, 0_usize..4), 1..16);
    let arrow =
        (any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0_usize..4, 0_usize..4, 0_usize..6);
    (nodes, prop::collection::vec(arrow, 0..28)).prop_map(|(nodes, arrows)| {
        let mut drawing = String::new();
        for lane in 0..4 {
            writeln!(drawing, "L{lane} {{ # Lane {lane}").unwrap();
            for (at, (_, shape)) in nodes.iter().enumerate().filter(|(_, (home, _))| *home == lane) {
                writeln!(drawing, "n{at}: {} label:\"Do thing {at}\"", SHAPES[*shape]).unwrap();
            }
            drawing += "}\n";
        }
        for (from, to, exit, entry, label) in arrows {
            let (from, to) = (from.index(nodes.len()), to.index(nodes.len()));
            let (exit, entry, label) = (SIDES[exit], SIDES[entry], LABELS[label]);
            writeln!(drawing, "n{from}.handle({exit}) -> n{to}.handle({entry}){label}").unwrap();
        }
        drawing
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn pictures_of_any_drawing_are_sound(drawing in any_drawing()) {
        expect_sound(&drawing, &drawing);
    }

    #[test]
    fn any_text_has_a_picture(text in "\\PC*", label in any::<String>()) {
        Shown::read(&picture(&text));
        let label = label.replace(['"', '\\'], "");
        Shown::read(&picture(&format!("L {{ # {text}\nn1: rectangle label:\"{label}\"\n}}")));
    }
}

#[test]
fn large_drawings_have_a_picture() {
    const COUNT: usize = 20_000;
    let mut drawing = String::from("L { # Lane\n");
    for at in 0..COUNT {
        writeln!(drawing, "n{at}: rectangle label:\"Step {at}\"").unwrap();
        writeln!(drawing, "n{at}.handle(right) -> n{}.handle(left)", (at + 1).min(COUNT - 1)).unwrap();
        writeln!(drawing, "n{at}.handle(bottom) -> n{}.handle(top)", (at * 7) % COUNT).unwrap();
    }
    drawing.push('}');
    assert_eq!(picture(&drawing).matches("<g class=\"step\">").count(), COUNT);
}
