//! Arrows and loops, with the nodes that they name.
//!
//! After this pass every arrow stands with its source, in `next` or in `sends`, or is returned as
//! an association; what names a node that is not there was reported and left out.

use super::declare::Declared;
use super::names::Spelling;
use super::role::{Role, slip_of_async, slip_of_undo};
use super::{Arrow, LaneIx, Model, NodeIx};
use crate::finding::Sink;
use crate::rules::{
    f103_unknown_node, f104_wrong_lane, f105_missing_lane, f108_unknown_attribute, f209_loop_over_nothing,
    f218_async_misspelt, f411_compensated_by_misspelt,
};
use crate::source::Span;
use crate::syntax::{Drawing, Edge, Item, Loop, Reference, Word};

/// An arrow labelled `compensated by`.
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

/// What arrows and loops say beside where control goes.
#[derive(Default)]
pub(super) struct Resolved<'d> {
    pub(super) associations: Vec<Association>,
    pub(super) loops: Vec<DrawnLoop<'d>>,
}

pub(super) fn resolve<'d>(
    drawing: &'d Drawing,
    declared: &Declared<'_>,
    model: &mut Model,
    sink: &mut Sink,
) -> Resolved<'d> {
    let mut names = Resolver { declared, spelling: None, model, sink };
    let mut resolved = Resolved::default();
    for (lane, items) in declared.blocks(drawing) {
        for item in items {
            match item {
                Item::Edge(edge) => resolved.associations.extend(names.edge(edge, lane)),
                Item::Loop(drawn) => resolved.loops.extend(names.repetition(drawn)),
                Item::Lane(_) | Item::Node(_) | Item::Comment(_) => {}
            }
        }
    }
    resolved
}

struct Resolver<'d, 'a> {
    declared: &'a Declared<'d>,
    /// Built for the first unknown id.
    spelling: Option<Spelling>,
    model: &'a mut Model,
    sink: &'a mut Sink,
}

impl Resolver<'_, '_> {
    /// Puts an arrow to its source. An association is returned instead.
    fn edge(&mut self, edge: &Edge, home: Option<LaneIx>) -> Option<Association> {
        f108_unknown_attribute::check(&edge.attributes, &["label"], self.sink);
        if let Some(label) = slip_of_undo(edge) {
            f411_compensated_by_misspelt::report(self.sink, label);
        }
        if let Some((label, message)) = slip_of_async(edge) {
            f218_async_misspelt::report(self.sink, label, message);
        }
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
            unlabelled: edge.unbracketed,
        };
        match Role::of(edge) {
            Role::Control(label) => {
                let next = &mut self.model[from].next;
                // Most nodes have one arrow, and a vector makes room for four.
                next.reserve_exact(usize::from(next.is_empty()));
                next.push(arrow(label));
            }
            Role::Message(label) => self.model[from].sends.push(arrow(label)),
            Role::Undo => return Some(Association { step: from, undone_by: to, span }),
        }
        None
    }

    fn repetition<'d>(&mut self, drawn: &'d Loop) -> Option<DrawnLoop<'d>> {
        if drawn.nodes.is_empty() {
            f209_loop_over_nothing::report(self.sink, drawn);
            return None;
        }
        let mut nodes = Vec::new();
        let mut listed = std::collections::HashSet::new();
        for reference in &drawn.nodes {
            nodes.extend(self.node(reference, None).filter(|&node| listed.insert(node)));
        }
        (!nodes.is_empty()).then_some(DrawnLoop { text: &drawn.text, keyword: drawn.keyword, nodes })
    }

    /// The node that is meant, named from within the lane `home`.
    fn node(&mut self, reference: &Reference, home: Option<LaneIx>) -> Option<NodeIx> {
        let Some(node) = self.declared.nodes.get(&reference.id.text) else {
            self.model.incomplete = true;
            let spelling = self.spelling.get_or_insert_with(|| Spelling::of(self.model));
            let meant = spelling.nearest(&reference.id.text, self.model).map(|node| &self.model[node]);
            f103_unknown_node::report(self.sink, &reference.id, meant);
            return None;
        };
        let lane = self.model[node].lane;
        let right = &self.model[lane].name.text;
        match &reference.lane {
            Some(written) if written.text != *right => {
                f104_wrong_lane::report(self.sink, written, &reference.id, right);
            }
            None if home.is_some_and(|home| home != lane) => {
                f105_missing_lane::report(self.sink, &reference.id, right);
            }
            _ => {}
        }
        Some(node)
    }
}

fn whole(reference: &Reference) -> Span {
    reference.lane.as_ref().map_or(reference.id.span, |lane| lane.span.to(reference.id.span))
}
