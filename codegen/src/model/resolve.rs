//! Resolves the nodes that edges and loops name.
//!
//! After this pass every edge is in `next` or `sends` of its source, or is returned as an association. Edges
//! that name an unknown node are left out.

use super::declare::Declared;
use super::{Arrow, LaneIx, Model, ModelError, NodeIx, Role};
use crate::source::Span;
use crate::syntax::{Drawing, Edge, Item, Loop, Reference, Word};

/// An edge labeled `compensated by`.
pub(crate) struct Association {
    pub(crate) step: NodeIx,
    pub(crate) undone_by: NodeIx,
    pub(crate) span: Span,
}

/// A loop, as drawn.
pub(crate) struct DrawnLoop<'d> {
    pub(crate) text: &'d Word,
    pub(crate) keyword: Span,
    /// In the order listed, each once, at least one.
    pub(crate) nodes: Vec<NodeIx>,
}

/// Everything that edges and loops say beside control flow.
#[derive(Default)]
pub(super) struct Resolved<'d> {
    pub(super) associations: Vec<Association>,
    pub(super) loops: Vec<DrawnLoop<'d>>,
}

pub(super) fn resolve<'d>(
    drawing: &'d Drawing,
    declared: &Declared<'_>,
    model: &mut Model,
    errors: &mut Vec<ModelError>,
) -> Resolved<'d> {
    let mut lookup = Resolver { declared, model, errors };
    let mut resolved = Resolved::default();
    for (lane, items) in declared.blocks(drawing) {
        for item in items {
            match item {
                Item::Edge(edge) => resolved.associations.extend(lookup.edge(edge, lane)),
                Item::Loop(drawn) => resolved.loops.extend(lookup.drawn_loop(drawn)),
                Item::Lane(_) | Item::Node(_) | Item::Comment(_) => {}
            }
        }
    }
    resolved
}

struct Resolver<'d, 'a> {
    declared: &'a Declared<'d>,
    model: &'a mut Model,
    errors: &'a mut Vec<ModelError>,
}

impl Resolver<'_, '_> {
    /// Adds an edge to its source, or returns it if it is an association.
    fn edge(&mut self, edge: &Edge, home: Option<LaneIx>) -> Option<Association> {
        let from = self.node(&edge.from.node, home);
        let to = self.node(&edge.to.node, home);
        let (Some(from), Some(to)) = (from, to) else {
            if let Some(from) = from {
                self.model[from].may_lack_arrows = true;
            }
            return None;
        };
        let span = whole(&edge.from.node).to(whole(&edge.to.node));
        let arrow = |label: Option<Word>| Arrow {
            to,
            label,
            outcome: String::new(),
            span,
            unlabeled: edge.unbracketed,
        };
        match Role::new(edge) {
            Role::Control(label) => {
                let next = &mut self.model[from].next;
                // Most nodes have one edge, and a vector reserves memory for four.
                next.reserve_exact(usize::from(next.is_empty()));
                next.push(arrow(label));
            }
            Role::Message(label) => self.model[from].sends.push(arrow(label)),
            Role::Undo => return Some(Association { step: from, undone_by: to, span }),
        }
        None
    }

    fn drawn_loop<'d>(&mut self, drawn: &'d Loop) -> Option<DrawnLoop<'d>> {
        let mut nodes = Vec::new();
        let mut listed = std::collections::HashSet::new();
        for reference in &drawn.nodes {
            nodes.extend(self.node(reference, None).filter(|&node| listed.insert(node)));
        }
        (!nodes.is_empty()).then_some(DrawnLoop { text: &drawn.text, keyword: drawn.keyword, nodes })
    }

    /// The node that a reference in the lane `home` names.
    fn node(&mut self, reference: &Reference, home: Option<LaneIx>) -> Option<NodeIx> {
        let Some(node) = self.declared.nodes.get(&reference.id.text) else {
            self.model.incomplete = true;
            self.errors.push(ModelError::UnknownNode { id: reference.id.clone() });
            return None;
        };
        let lane = self.model[node].lane;
        let right = &self.model[lane].name.text;
        match &reference.lane {
            Some(written) if written.text != *right => {
                self.errors.push(ModelError::WrongLane { lane: written.clone(), node });
            }
            None if home.is_some_and(|home| home != lane) => {
                self.errors.push(ModelError::MissingLane { id: reference.id.clone(), node });
            }
            _ => {}
        }
        Some(node)
    }
}

fn whole(reference: &Reference) -> Span {
    reference.lane.as_ref().map_or(reference.id.span, |lane| lane.span.to(reference.id.span))
}
