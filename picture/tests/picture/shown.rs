//! What is to be seen in an SVG: figures as boxes around them, arrows as their corners.

use std::path::{Path, PathBuf};

use flowgen_codegen::analyze;

pub(crate) type Point = (i64, i64);

/// A picture, read back.
pub(crate) struct Shown {
    pub(crate) figures: Vec<Figure>,
    pub(crate) arrows: Vec<Arrow>,
}

pub(crate) struct Figure {
    pub(crate) id: String,
    /// Left, top, right, bottom.
    pub(crate) around: [i64; 4],
    /// How far within that the outline may be, where arrows come.
    pub(crate) slack: i64,
}

pub(crate) struct Arrow {
    /// As its title says: `n1 → n2`.
    pub(crate) title: String,
    /// Where it bends, and where it begins and ends.
    pub(crate) corners: Vec<Point>,
}

impl Arrow {
    pub(crate) fn shares_a_figure(&self, other: &Self) -> bool {
        self.title.split(" → ").any(|id| other.title.split(" → ").any(|other| other == id))
    }
}

/// The drawings of this repository.
pub(crate) fn drawings() -> Vec<PathBuf> {
    let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut drawings = Vec::new();
    let mut folders = vec![checkout.join("tests/drawings")];
    for example in checkout.join("examples").read_dir().unwrap() {
        folders.push(example.unwrap().path().join("flow"));
    }
    for folder in folders.iter().filter(|folder| folder.is_dir()) {
        let files = folder.read_dir().unwrap().map(|entry| entry.unwrap().path());
        drawings.extend(files.filter(|path| path.extension().is_some_and(|extension| extension == "fz")));
    }
    drawings.sort();
    assert!(drawings.len() > 10, "{drawings:?}");
    drawings
}

/// The picture of a drawing.
pub(crate) fn picture(drawing: &str) -> String {
    flowgen_picture::svg(&analyze(drawing))
}

impl Shown {
    /// Reads an SVG, which has to be well-formed XML.
    pub(crate) fn read(svg: &str) -> Self {
        let document = roxmltree::Document::parse(svg).unwrap_or_else(|error| panic!("{error}\n{svg}"));
        let mut shown = Self { figures: Vec::new(), arrows: Vec::new() };
        for group in document.root_element().children().filter(|node| node.has_tag_name("g")) {
            let Some(title) = group.children().find(|node| node.has_tag_name("title")) else { continue };
            let title = title.text().unwrap().to_owned();
            if group.attribute("class").unwrap().starts_with("arrow") {
                let line = group.children().find(|node| node.attribute("class") == Some("line")).unwrap();
                shown.arrows.push(Arrow { title, corners: corners(line.attribute("d").unwrap()) });
            } else {
                let shape = group.children().find(|node| node.attribute("class") == Some("shape")).unwrap();
                let (around, slack) = around(shape);
                let id = title.split(':').next().unwrap().to_owned();
                shown.figures.push(Figure { id, around, slack });
            }
        }
        shown
    }
}

/// A line begins at `M`, bends at the first point of each `Q`, and ends at the last `L`.
fn corners(d: &str) -> Vec<(i64, i64)> {
    let point = |text: &str| {
        let (x, y) = text.split_once(' ').unwrap();
        (x.parse().unwrap(), y.parse().unwrap())
    };
    let mut corners = Vec::new();
    let mut last = None;
    for part in d.split('L') {
        let (line, bend) = part.split_once('Q').map_or((part, None), |(line, bend)| (line, Some(bend)));
        if let Some(start) = line.strip_prefix('M') {
            corners.push(point(start));
        } else {
            last = Some(point(line));
        }
        if let Some(bend) = bend {
            let mut numbers = bend.splitn(3, ' ');
            corners
                .push((numbers.next().unwrap().parse().unwrap(), numbers.next().unwrap().parse().unwrap()));
        }
    }
    corners.extend(last);
    corners
}

fn around(shape: roxmltree::Node<'_, '_>) -> ([i64; 4], i64) {
    let number = |name: &str| -> i64 { shape.attribute(name).unwrap().parse().unwrap() };
    match shape.tag_name().name() {
        "rect" => {
            let (x, y) = (number("x"), number("y"));
            ([x, y, x + number("width"), y + number("height")], 1)
        }
        "circle" => {
            let (x, y, r) = (number("cx"), number("cy"), number("r"));
            ([x - r, y - r, x + r, y + r], r / 4)
        }
        _ => {
            let d = shape.attribute("d").unwrap().trim_start_matches('M').trim_end_matches('Z');
            let points: Vec<(i64, i64)> = d
                .split('L')
                .map(|point| point.split_once(' ').unwrap())
                .map(|(x, y)| (x.parse().unwrap(), y.parse().unwrap()))
                .collect();
            ([points[3].0, points[0].1, points[1].0, points[2].1], (points[2].1 - points[0].1) / 2)
        }
    }
}
