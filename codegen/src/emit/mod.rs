//! From the model to Rust.
//!
//! One function an emitted item, each from the model alone; the order of the output is that of the
//! drawing. Identifiers carry the span of the drawing's own tokens, so that what rustc says about
//! them points there.

mod attributes;
mod decision;
pub(crate) mod docs;
mod flow;
mod lane;
mod locations;
mod node;
mod plan;

use proc_macro2::{Ident, TokenStream};
use quote::quote;

pub(crate) use locations::Locations;
#[cfg(feature = "format")]
pub(crate) use locations::with_comments;

use crate::model::{LaneIx, Model, Node, NodeIx};
use crate::settings::{Settings, Visibility};
use crate::source::Span;

/// Where a piece of the drawing stands for rustc.
pub type Spans<'a> = &'a dyn Fn(Span) -> proc_macro2::Span;

/// What every emitted item is made from.
#[derive(Clone, Copy)]
pub(crate) struct Emitter<'a> {
    pub(crate) model: &'a Model,
    pub(crate) spans: Spans<'a>,
    /// The path of the crate `flowgen`.
    pub(crate) runtime: &'a TokenStream,
    settings: &'a Settings,
    locations: &'a Locations<'a>,
    /// By lane, the nodes that somebody has to write, in the order drawn.
    implemented: &'a [Vec<NodeIx>],
}

/// All items of a drawing; nothing if it has no nodes.
pub(crate) fn items(
    model: &Model,
    spans: Spans<'_>,
    settings: &Settings,
    locations: &Locations<'_>,
) -> TokenStream {
    if model.nodes.is_empty() {
        return TokenStream::new();
    }
    let implemented = implemented(model);
    let runtime = &settings.runtime;
    let emitter = Emitter { model, spans, runtime, settings, locations, implemented: &implemented };
    let lanes = emitter.served_lanes().map(|lane| lane::module(emitter, lane));
    let nodes = node::items(emitter);
    let flow = flow::items(emitter);
    quote! {
        #(#lanes)*
        #nodes
        #flow
    }
}

fn implemented(model: &Model) -> Vec<Vec<NodeIx>> {
    let mut lanes = vec![Vec::new(); model.lanes.len()];
    for (at, node) in model.nodes.iter().enumerate().filter(|(_, node)| node.is_implemented()) {
        lanes[node.lane.0].push(NodeIx(at));
    }
    lanes
}

impl Emitter<'_> {
    fn visibility(&self) -> Visibility {
        self.settings.visibility
    }

    /// `flow/shop.fz:5`, where spans do not say it.
    fn location(&self, span: Span) -> Option<String> {
        self.locations.location(span)
    }

    /// What the declaration of a node's method says about the location of the node.
    fn location_of_method(&self, node: &Node) -> Option<TokenStream> {
        self.locations.of_method(&docs::name(node), node.label.span)
    }

    fn ident(&self, name: &str, at: Span) -> Ident {
        Ident::new(name, (self.spans)(at))
    }

    /// The lanes in which somebody has to write something, in the order drawn.
    fn served_lanes(&self) -> impl Iterator<Item = LaneIx> + '_ {
        (0..self.model.lanes.len()).map(LaneIx).filter(|&lane| self.implemented(lane).next().is_some())
    }

    /// The nodes of a lane that somebody has to write, in the order drawn.
    fn implemented(&self, lane: LaneIx) -> impl Iterator<Item = NodeIx> + '_ {
        self.implemented[lane.0].iter().copied()
    }

    fn module(&self, lane: LaneIx) -> Ident {
        self.ident(&self.model[lane].module, self.model[lane].name.span)
    }

    fn lane_type(&self, lane: LaneIx) -> Ident {
        self.ident(&self.model[lane].type_name, self.model[lane].name.span)
    }

    fn variant(&self, node: &Node) -> Ident {
        self.ident(&node.names.variant, node.label.span)
    }

    fn method(&self, node: &Node) -> Ident {
        self.ident(&node.names.method, node.label.span)
    }

    fn decision_type(&self, node: &Node) -> Ident {
        self.ident(&node.names.type_name, node.label.span)
    }

    /// Does this lane undo something?
    fn compensates(&self, lane: LaneIx) -> bool {
        self.implemented(lane).any(|node| self.model[node].is_compensation())
    }

    /// `Compensation`, at the first thing that the lane undoes.
    fn compensation_trait(&self, lane: LaneIx) -> Ident {
        self.ident("Compensation", self.compensated_at(lane))
    }

    /// The first thing that the lane undoes.
    fn compensated_at(&self, lane: LaneIx) -> Span {
        let first = self.implemented(lane).map(|node| &self.model[node]).find(|node| node.is_compensation());
        first.map_or(self.model[lane].name.span, |node| node.label.span)
    }

    /// The first node at which a run needs a second context.
    fn first_fork(&self) -> Option<&Node> {
        self.model.nodes.iter().find(|node| node.is_fork() || !node.sends.is_empty())
    }
}
