//! Lanes and nodes, without arrows.
//!
//! After this pass every lane and every node is in the model, also those whose name is there twice.
//! Kinds follow from shapes alone: a circle is a milestone until its arrows are known.

use std::collections::HashMap;

use super::ids::Ids;
use super::{Kind, Lane, LaneIx, Model, Names, Node, NodeIx};
use crate::finding::Sink;
use crate::rules::{f101_duplicate_id, f102_duplicate_lane, f108_unknown_attribute};
use crate::syntax::{self, Attribute, Drawing, Item, Shape, Word};

/// Who goes by which name.
#[derive(Default)]
pub(super) struct Declared<'d> {
    /// The first node of each id.
    pub(super) nodes: Ids<'d>,
    /// By name.
    pub(super) lanes: HashMap<&'d str, LaneIx>,
}

impl Declared<'_> {
    /// What stands in a drawing, and the lane that it stands in.
    pub(super) fn blocks<'i>(
        &self,
        drawing: &'i Drawing,
    ) -> impl Iterator<Item = (Option<LaneIx>, &'i [Item])> {
        drawing.items.iter().map(|item| match item {
            Item::Lane(lane) => (self.lanes.get(lane.name.text.as_str()).copied(), lane.items.as_slice()),
            _ => (None, std::slice::from_ref(item)),
        })
    }
}

pub(super) fn declare<'d>(drawing: &'d Drawing, sink: &mut Sink) -> (Model, Declared<'d>) {
    let mut model = Model { incomplete: drawing.incomplete, ..Model::default() };
    let mut declared = Declared::default();
    for item in &drawing.items {
        if let Item::Lane(lane) = item {
            declare_lane(lane, &mut model, &mut declared, sink);
        }
    }
    let drawn = drawn_nodes(drawing, &declared);
    model.nodes.reserve_exact(drawn.len());
    declared.nodes = Ids::with_capacity(drawn.len());
    for (lane, node) in drawn {
        let lane = lane.unwrap_or_else(|| home_of_strays(node, &mut model));
        declare_node(node, lane, &mut model, &mut declared, sink);
    }
    if drawing.incomplete {
        // An arrow of any node may have stood in the text that could not be read.
        model.nodes.iter_mut().for_each(|node| node.may_lack_arrows = true);
    }
    (model, declared)
}

fn drawn_nodes<'d>(drawing: &'d Drawing, declared: &Declared<'d>) -> Vec<(Option<LaneIx>, &'d syntax::Node)> {
    let mut nodes = Vec::new();
    for (lane, items) in declared.blocks(drawing) {
        nodes.extend(items.iter().filter_map(|item| match item {
            Item::Node(node) => Some((lane, node)),
            _ => None,
        }));
    }
    nodes
}

fn declare_lane<'d>(lane: &'d syntax::Lane, model: &mut Model, declared: &mut Declared<'d>, sink: &mut Sink) {
    if let Some(&first) = declared.lanes.get(lane.name.text.as_str()) {
        f102_duplicate_lane::report(sink, &lane.name, &model[first].name);
        return;
    }
    declared.lanes.insert(&lane.name.text, LaneIx(model.lanes.len()));
    let label = lane.label.as_ref().filter(|label| !label.text.trim().is_empty()).unwrap_or(&lane.name);
    model.lanes.push(new_lane(lane.name.clone(), label.clone()));
}

fn new_lane(name: Word, label: Word) -> Lane {
    Lane { name, label, module: String::new(), type_name: String::new() }
}

/// The lane of nodes that stand outside of all lanes, which was reported: the first one.
fn home_of_strays(stray: &syntax::Node, model: &mut Model) -> LaneIx {
    if model.lanes.is_empty() {
        let name = Word { text: "Main".to_owned(), span: stray.id.span };
        model.lanes.push(new_lane(name.clone(), name));
    }
    LaneIx(0)
}

fn declare_node<'d>(
    node: &'d syntax::Node,
    lane: LaneIx,
    model: &mut Model,
    declared: &mut Declared<'d>,
    sink: &mut Sink,
) {
    let first = declared.nodes.declare(&node.id.text, NodeIx(model.nodes.len()));
    if let Some(first) = first {
        f101_duplicate_id::report(sink, &node.id, &model[first]);
        model[first].may_lack_arrows = true;
        // What points at this id may have been meant for either.
        model.incomplete = true;
    }
    f108_unknown_attribute::check(&node.attributes, &syntax::Node::KEYS, sink);
    let label = label(&node.attributes).unwrap_or(&node.id).clone();
    let mut new = new_node(node.id.clone(), label, kind(node.shape), lane);
    let known = |attribute: &&Attribute| {
        attribute.key.text != "label" && syntax::Node::KEYS.contains(&attribute.key.text.as_str())
    };
    new.attributes = node.attributes.iter().filter(known).map(|a| (a.key.clone(), a.value.clone())).collect();
    new.may_lack_arrows = first.is_some();
    model.nodes.push(new);
}

/// A node that has nothing but what it cannot be without.
pub(super) fn new_node(id: Word, label: Word, kind: Kind, lane: LaneIx) -> Node {
    Node {
        id,
        label,
        lane,
        kind,
        names: Names::default(),
        attributes: Vec::new(),
        next: Vec::new(),
        sends: Vec::new(),
        join: None,
        undoes: Vec::new(),
        undone_by: None,
        is_trigger: false,
        rolls_back: false,
        may_lack_arrows: false,
    }
}

fn kind(shape: Shape) -> Kind {
    match shape {
        Shape::Circle => Kind::Milestone,
        Shape::Rectangle => Kind::Step,
        Shape::Diamond => Kind::Decision,
        Shape::Taskbox => Kind::Task,
    }
}

/// The first label that says something.
pub(super) fn label(attributes: &[Attribute]) -> Option<&Word> {
    attributes
        .iter()
        .filter(|attribute| attribute.key.text == "label")
        .map(|attribute| &attribute.value)
        .find(|label| !label.text.trim().is_empty())
}
