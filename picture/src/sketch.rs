//! The contents of a picture: everything in the drawing.
//!
//! The model omits arrows without a meaning for control flow, so arrows are read from the drawing.

use std::collections::HashMap;

use flowgen_codegen::Analysis;
use flowgen_codegen::model::{Kind, LaneIx, Node, Role};
use flowgen_codegen::syntax::{Direction, Drawing, Edge, Item, Reference};

use crate::loops;

/// The contents of a picture. Arrows refer to figures, and figures to lanes, by index.
pub(crate) struct Sketch<'a> {
    /// The labels.
    pub(crate) lanes: Vec<&'a str>,
    pub(crate) figures: Vec<Figure<'a>>,
    pub(crate) arrows: Vec<Arrow>,
}

/// The figure of a node.
pub(crate) struct Figure<'a> {
    pub(crate) id: &'a str,
    pub(crate) label: &'a str,
    pub(crate) lane: usize,
    pub(crate) kind: Kind,
    /// It is a compensation or a trigger.
    pub(crate) is_rollback: bool,
    /// The smaller text below its label.
    pub(crate) notes: Vec<String>,
}

/// An arrow.
pub(crate) struct Arrow {
    pub(crate) from: usize,
    pub(crate) to: usize,
    /// The side of `from` at which it leaves.
    pub(crate) exit: Direction,
    /// The side of `to` at which it enters.
    pub(crate) entry: Direction,
    /// The texts of the label; each begins a new line.
    pub(crate) label: Vec<String>,
    pub(crate) stroke: Stroke,
    /// It leads to or from a compensation or a trigger.
    pub(crate) is_rollback: bool,
}

/// The style of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stroke {
    /// Control flow.
    Solid,
    /// A message, which its sender does not wait for.
    Dashed,
    /// `compensated by`
    Dotted,
}

impl<'a> Sketch<'a> {
    pub(crate) fn of(analysis: &'a Analysis) -> Self {
        let Analysis { drawing, model, .. } = analysis;
        // Decisions that a loop implies are not drawn. They are the last nodes of the model.
        let drawn = items(drawing).filter(|item| matches!(item, Item::Node(_))).count();
        let figures: Vec<_> = model.nodes.iter().take(drawn).map(figure).collect();
        let named = Named::new(&figures);
        let edges = items(drawing).filter_map(|item| match item {
            Item::Edge(edge) => Some(edge),
            _ => None,
        });
        let arrows = edges.filter_map(|edge| named.arrow(edge, &figures)).collect();
        let lanes = model.lanes.iter().map(|lane| lane.label.text.as_str()).collect();
        let mut sketch = Self { lanes, figures, arrows };
        loops::draw(&mut sketch, drawing, model, &named);
        sketch
    }
}

/// Returns all items of a drawing and of its lanes, in order.
pub(crate) fn items(drawing: &Drawing) -> impl Iterator<Item = &Item> {
    drawing.items.iter().flat_map(|item| match item {
        Item::Lane(lane) => lane.items.as_slice(),
        _ => std::slice::from_ref(item),
    })
}

fn figure(node: &Node) -> Figure<'_> {
    let LaneIx(lane) = node.lane;
    let owner = node.attributes.iter().find(|(key, _)| key.text == "owner");
    Figure {
        id: &node.id.text,
        label: &node.label.text,
        lane,
        kind: node.kind,
        is_rollback: node.is_compensation() || node.is_trigger,
        notes: owner.map(|(_, owner)| owner.text.clone()).into_iter().collect(),
    }
}

/// Figures by id.
pub(crate) struct Named<'a>(HashMap<&'a str, usize>);

impl<'a> Named<'a> {
    fn new(figures: &[Figure<'a>]) -> Self {
        let mut named = HashMap::with_capacity(figures.len());
        for (at, figure) in figures.iter().enumerate() {
            named.entry(figure.id).or_insert(at);
        }
        Self(named)
    }

    pub(crate) fn get(&self, reference: &Reference) -> Option<usize> {
        self.0.get(reference.id.text.as_str()).copied()
    }

    fn arrow(&self, edge: &Edge, figures: &[Figure<'_>]) -> Option<Arrow> {
        let (from, to) = (self.get(&edge.from.node)?, self.get(&edge.to.node)?);
        let (stroke, label) = match Role::new(edge) {
            Role::Control(label) => (Stroke::Solid, label),
            Role::Message(label) => (Stroke::Dashed, label),
            Role::Undo => (Stroke::Dotted, None),
        };
        Some(Arrow {
            from,
            to,
            exit: edge.from.direction.unwrap_or(Direction::Right),
            entry: edge.to.direction.unwrap_or(Direction::Left),
            label: label.map(|label| label.text).into_iter().collect(),
            stroke,
            is_rollback: is_rollback(figures, from, to),
        })
    }
}

/// Returns whether an arrow between these figures is part of a rollback.
pub(crate) fn is_rollback(figures: &[Figure<'_>], from: usize, to: usize) -> bool {
    figures[from].is_rollback || figures[to].is_rollback
}
