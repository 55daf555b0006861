//! Emits Rust from a model.
//!
//! Each emitted item has a function. Items come in the order of the drawing. Identifiers have the spans of
//! the drawing's tokens, so that rustc's messages point there.

mod arms;
mod attributes;
mod circles;
mod data;
mod decision;
pub(crate) mod docs;
mod emitter;
mod flow;
mod inquiry;
mod labels;
mod lane;
mod locations;
mod node;
mod plan;

use proc_macro2::TokenStream;
use quote::quote;

use emitter::Emitter;
pub use emitter::Spans;
pub use labels::LocatedLabel;
pub(crate) use labels::all as labels;
#[cfg(feature = "format")]
pub(crate) use locations::with_comments;
pub(crate) use locations::{DrawingFile, Locations};

use crate::model::{Model, NodeIx};
use crate::settings::Settings;

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
    let values = model.data.as_ref().map(data::value_names).unwrap_or_default();
    let emitter =
        Emitter { model, spans, runtime, settings, locations, implemented: &implemented, values: &values };
    let types = model.data.as_ref().map(|data| data::types::module(emitter, data));
    let lanes = emitter.served_lanes().map(|lane| lane::module(emitter, lane));
    let nodes = node::items(emitter);
    let flow = flow::items(emitter);
    // rustc checks items in this order: its first error about a type is that of the values.
    let values = model.data.as_ref().map(|data| data::values::items(emitter, data));
    let saved = model.data.as_ref().map(|data| data::values::saved(emitter, data));
    quote! {
        #types
        #values
        #(#lanes)*
        #nodes
        #flow
        #saved
    }
}

fn implemented(model: &Model) -> Vec<Vec<NodeIx>> {
    let mut lanes = vec![Vec::new(); model.lanes.len()];
    for (at, node) in model.nodes.iter().enumerate().filter(|(_, node)| node.is_implemented()) {
        lanes[node.lane.0].push(NodeIx(at));
    }
    lanes
}
