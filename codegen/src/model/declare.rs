//! Declares lanes and nodes.
//!
//! After this pass every node is in the model, and every lane once. Kinds follow from shapes alone: a circle
//! is a milestone until its edges are known.

use std::collections::HashMap;

use super::{Kind, Lane, LaneIx, Model, ModelError, Names, Node, NodeIx};
use crate::syntax::{self, Attribute, Drawing, Item, Shape, Word};

/// The nodes and lanes of each name.
#[derive(Default)]
pub(super) struct Declared<'d> {
    /// The first node of each id.
    pub(super) nodes: Ids<'d>,
    /// By name.
    pub(super) lanes: HashMap<&'d str, LaneIx>,
}

impl Declared<'_> {
    /// The items of a drawing, by lane; `None` for items outside of all lanes.
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

pub(super) fn declare<'d>(drawing: &'d Drawing, errors: &mut Vec<ModelError>) -> (Model, Declared<'d>) {
    let mut model = Model { incomplete: drawing.incomplete, ..Model::default() };
    let mut declared = Declared::default();
    for item in &drawing.items {
        if let Item::Lane(lane) = item {
            declare_lane(lane, &mut model, &mut declared, errors);
        }
    }
    let drawn = drawn_nodes(drawing, &declared);
    model.nodes.reserve_exact(drawn.len());
    declared.nodes = Ids::with_capacity(drawn.len());
    for (lane, node) in drawn {
        let lane = lane.unwrap_or_else(|| home_of_strays(node, &mut model));
        declare_node(node, lane, &mut model, &mut declared, errors);
    }
    model.drawn = model.nodes.len();
    if drawing.incomplete {
        // Text that could not be read may have held an edge of any node.
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

fn declare_lane<'d>(
    lane: &'d syntax::Lane,
    model: &mut Model,
    declared: &mut Declared<'d>,
    errors: &mut Vec<ModelError>,
) {
    if let Some(&first) = declared.lanes.get(lane.name.text.as_str()) {
        errors.push(ModelError::DuplicateLane { first, second: lane.name.clone() });
        return;
    }
    declared.lanes.insert(&lane.name.text, LaneIx(model.lanes.len()));
    let label = lane.label.as_ref().filter(|label| !label.text.trim().is_empty()).unwrap_or(&lane.name);
    model.lanes.push(new_lane(lane.name.clone(), label.clone()));
}

fn new_lane(name: Word, label: Word) -> Lane {
    Lane { name, label, module: String::new(), type_name: String::new() }
}

/// Nodes outside of all lanes (F007) are assigned to the first lane.
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
    errors: &mut Vec<ModelError>,
) {
    let new = NodeIx(model.nodes.len());
    let first = declared.nodes.declare(&node.id.text, new);
    if let Some(first) = first {
        errors.push(ModelError::DuplicateId { first, second: new });
        model[first].may_lack_arrows = true;
        // An edge with this id may have been meant for either.
        model.incomplete = true;
    }
    let label = label(&node.attributes).unwrap_or(&node.id).clone();
    let mut new = new_node(node.id.clone(), label, kind(node.shape), lane);
    let known = |attribute: &&Attribute| {
        attribute.key.text != "label" && syntax::Node::KEYS.contains(&attribute.key.text.as_str())
    };
    new.attributes = node.attributes.iter().filter(known).map(|a| (a.key.clone(), a.value.clone())).collect();
    new.may_lack_arrows = first.is_some();
    model.nodes.push(new);
}

/// A node without edges, names and attributes.
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

/// The first label that is not blank.
pub(super) fn label(attributes: &[Attribute]) -> Option<&Word> {
    attributes
        .iter()
        .filter(|attribute| attribute.key.text == "label")
        .map(|attribute| &attribute.value)
        .find(|label| !label.text.trim().is_empty())
}

/// Nodes by id.
///
/// Most drawings number their nodes, and most edges lead to close numbers. So `n7` is looked up by its
/// number, which keeps neighbors together in memory, unlike a hash map of a million ids.
#[derive(Default)]
pub(super) struct Ids<'d> {
    /// The text before the number in the first id that ends with a number.
    letters: Option<&'d str>,
    /// The nodes of such ids, by number.
    numbered: Vec<Option<NodeIx>>,
    /// Larger numbers go to `others`, so that the list gets at most twice as long as the drawing.
    largest: usize,
    others: HashMap<&'d str, NodeIx>,
}

impl<'d> Ids<'d> {
    /// For a drawing with this number of nodes.
    pub(super) fn with_capacity(nodes: usize) -> Self {
        Self { largest: nodes.saturating_mul(2), ..Self::default() }
    }

    pub(super) fn get(&self, id: &str) -> Option<NodeIx> {
        match number(id) {
            Some((letters, number)) if self.is_numbered(letters, number) => *self.numbered.get(number)?,
            _ => self.others.get(id).copied(),
        }
    }

    /// Gives the id to a node. Returns the node that has it already, if there is one.
    pub(super) fn declare(&mut self, id: &'d str, node: NodeIx) -> Option<NodeIx> {
        let Some((letters, number)) = number(id) else { return self.declare_other(id, node) };
        self.letters.get_or_insert(letters);
        if !self.is_numbered(letters, number) {
            return self.declare_other(id, node);
        }
        if self.numbered.len() <= number {
            self.numbered.resize(number + 1, None);
        }
        let first = self.numbered[number];
        self.numbered[number] = first.or(Some(node));
        first
    }

    fn declare_other(&mut self, id: &'d str, node: NodeIx) -> Option<NodeIx> {
        let first = *self.others.entry(id).or_insert(node);
        (first != node).then_some(first)
    }

    fn is_numbered(&self, letters: &str, number: usize) -> bool {
        number <= self.largest && self.letters == Some(letters)
    }
}

/// The letters and the number of an id such as `n7`. `n07` is another id, and has none.
fn number(id: &str) -> Option<(&str, usize)> {
    let (letters, digits) = id.split_at(id.find(|c: char| c.is_ascii_digit())?);
    if digits.starts_with('0') && digits.len() > 1 {
        return None;
    }
    Some((letters, digits.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_node_of_an_id_has_it() {
        let mut ids = Ids::with_capacity(4);
        for id in ["n1", "n01", "n", "n1a", "1", "n99999999999999999999999", "n9", "m1"] {
            let node = NodeIx(id.len() * 100 + usize::from(id.as_bytes()[0]));
            assert_eq!((ids.get(id), ids.declare(id, node)), (None, None), "{id}");
            assert_eq!((ids.get(id), ids.declare(id, NodeIx(0))), (Some(node), Some(node)), "{id}");
        }
    }
}
