use heck::ToUpperCamelCase;
use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;

use super::docs;
use super::locations::Locations;
use crate::model::{LaneIx, Model, Node, NodeIx};
use crate::settings::{Settings, Visibility};
use crate::source::Span;

/// Maps parts of the drawing to rustc's spans.
pub type Spans<'a> = &'a dyn Fn(Span) -> proc_macro2::Span;

/// Everything that items are emitted from.
#[derive(Clone, Copy)]
pub(crate) struct Emitter<'a> {
    pub(crate) model: &'a Model,
    pub(crate) spans: Spans<'a>,
    /// The path of the crate `flowgen`.
    pub(crate) runtime: &'a TokenStream,
    pub(super) settings: &'a Settings,
    pub(super) locations: &'a Locations<'a>,
    /// By lane: the nodes with a method, in the order drawn.
    pub(super) implemented: &'a [Vec<NodeIx>],
    /// By declared name: its variant of `Value`, which is also the alias of its type.
    pub(super) values: &'a [String],
}

impl Emitter<'_> {
    pub(super) fn visibility(&self) -> Visibility {
        self.settings.visibility
    }

    /// The visibility of an item that rustc quotes from the visibility to the name.
    ///
    /// It has the location of the name, so rustc quotes only the label. It does not have its context, as lints would
    /// then take it for the user's code.
    pub(super) fn visibility_of(&self, name: &Ident) -> TokenStream {
        let span = proc_macro2::Span::call_site().located_at(name.span());
        let tokens = self.visibility().into_token_stream().into_iter();
        tokens
            .map(|mut token| {
                token.set_span(span);
                token
            })
            .collect()
    }

    /// `flow/shop.fz:5`, unless spans show it.
    pub(super) fn location(&self, span: Span) -> Option<String> {
        self.locations.location(span)
    }

    /// The documentation of a method about where its node is drawn.
    pub(super) fn location_of_method(&self, node: &Node) -> Option<TokenStream> {
        self.locations.of_method(&docs::name(node), node.label.span)
    }

    pub(super) fn ident(&self, name: &str, at: Span) -> Ident {
        Ident::new(name, (self.spans)(at))
    }

    /// The lanes with a method, in the order drawn.
    pub(super) fn served_lanes(&self) -> impl Iterator<Item = LaneIx> + '_ {
        (0..self.model.lanes.len()).map(LaneIx).filter(|&lane| self.implemented(lane).next().is_some())
    }

    /// The nodes of a lane with a method, in the order drawn.
    pub(super) fn implemented(&self, lane: LaneIx) -> impl Iterator<Item = NodeIx> + '_ {
        self.implemented[lane.0].iter().copied()
    }

    pub(super) fn module(&self, lane: LaneIx) -> Ident {
        self.ident(&self.model[lane].module, self.model[lane].name.span)
    }

    pub(super) fn lane_type(&self, lane: LaneIx) -> Ident {
        self.ident(&self.model[lane].type_name, self.model[lane].name.span)
    }

    pub(super) fn variant(&self, node: &Node) -> Ident {
        self.ident(&node.names.variant, node.label.span)
    }

    pub(super) fn method(&self, node: &Node) -> Ident {
        self.ident(&node.names.method, node.label.span)
    }

    pub(super) fn decision_type(&self, node: &Node) -> Ident {
        self.ident(&node.names.type_name, node.label.span)
    }

    /// The method that answers for a compensable step: `did_charge_payment`. Unique in the lane.
    pub(super) fn inquiry(&self, node: &Node) -> Ident {
        let mut name = format!("did_{}", node.names.method);
        let is_taken =
            |name: &str| self.implemented(node.lane).any(|other| self.model[other].names.method == name);
        while is_taken(&name) {
            name.push_str("_step");
        }
        self.ident(&name, node.label.span)
    }

    /// The type that is named after a method: `ChargePayment`. Unique in the lane.
    pub(super) fn method_type(&self, node: NodeIx) -> Ident {
        let lane = self.model[node].lane;
        let pascal = |node: NodeIx| match self.model[node].names.method.to_upper_camel_case() {
            name if name == "Self" => "Self_".to_owned(),
            name => name,
        };
        let name = pascal(node);
        let is_shared = self.implemented(lane).any(|other| other != node && pascal(other) == name);
        let node = &self.model[node];
        let name = if is_shared { &node.names.variant } else { &name };
        self.ident(name, node.label.span)
    }

    /// Has this lane a compensation?
    pub(super) fn compensates(&self, lane: LaneIx) -> bool {
        self.implemented(lane).any(|node| self.model[node].is_compensation())
    }

    /// `Compensation`, with the span of the lane's first compensation.
    pub(super) fn compensation_trait(&self, lane: LaneIx) -> Ident {
        self.ident("Compensation", self.compensated_at(lane))
    }

    /// The span of the lane's first compensation.
    pub(super) fn compensated_at(&self, lane: LaneIx) -> Span {
        let first = self.implemented(lane).map(|node| &self.model[node]).find(|node| node.is_compensation());
        first.map_or(self.model[lane].name.span, |node| node.label.span)
    }

    /// The first node at which a run needs a second context.
    pub(super) fn first_fork(&self) -> Option<&Node> {
        self.model.nodes.iter().find(|node| node.is_fork() || !node.sends.is_empty())
    }
}
