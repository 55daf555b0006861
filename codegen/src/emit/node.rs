//! The nodes, lanes, starts and ends as enums.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::{Emitter, attributes, circles, data, docs, plan};
use crate::model::LaneIx;

pub(super) fn items(emitter: Emitter<'_>) -> TokenStream {
    let ends = match &emitter.model.data {
        None => circles::ends(emitter, "End", "How the flow can end."),
        Some(data) => data::ends::items(emitter, data),
    };
    let starts = match &emitter.model.data {
        None => (emitter.model.starts.len() > 1)
            .then(|| circles::starts(emitter, "Start", "Where the flow can start.")),
        Some(data) => Some(data::starts::items(emitter, data)),
    };
    let lanes = lanes(emitter);
    let nodes = nodes(emitter);
    quote! {
        #nodes
        #lanes
        #starts
        #ends
    }
}

fn nodes(emitter: Emitter<'_>) -> TokenStream {
    let Emitter { runtime, model, .. } = emitter;
    let variants: Vec<Ident> = model.nodes.iter().map(|node| emitter.variant(node)).collect();
    let abouts = model.nodes.iter().map(|node| {
        let lane = docs::code(&model[node.lane].label.text);
        docs::comment(&format!("{} In the lane {lane}.", docs::summary(model, node)))
    });
    let ends = model.ends.iter().map(|&end| emitter.variant(&model[end]));
    let ends: Vec<Ident> = ends.collect();
    let others = circles::others(emitter, &quote!(Self));
    let end = end_node(emitter);
    let plan = plan::expression(emitter);
    let visibility = emitter.visibility();
    let attributes = attributes::enumeration(&"Node", &variants);
    quote! {
        /// Every node of the drawing. Id, label, method, lane and kind are in its `spec`.
        #attributes
        #visibility enum Node {
            #(#abouts #variants,)*
        }

        impl #runtime::Node for Node {
            type End = #end;

            const ALL: &'static [Self] = &[#(Self::#variants),*];

            const PLAN: &'static #runtime::plan::Plan = #plan;

            fn index(self) -> u32 {
                self as u32
            }

            fn end(self) -> ::core::option::Option<#end> {
                match self {
                    #(Self::#ends => ::core::option::Option::Some(#end::#ends),)*
                    #others => ::core::option::Option::None,
                }
            }
        }
    }
}

/// The enum of the ends without values: in a typed flow, `End` has values.
fn end_node(emitter: Emitter<'_>) -> Ident {
    format_ident!("{}", if emitter.model.data.is_some() { "EndNode" } else { "End" })
}

fn lanes(emitter: Emitter<'_>) -> TokenStream {
    let Emitter { runtime, model, .. } = emitter;
    let names: Vec<Ident> = (0..model.lanes.len()).map(|lane| emitter.lane_type(LaneIx(lane))).collect();
    let abouts = model.lanes.iter().map(|lane| docs::comment(&format!("{}.", docs::code(&lane.label.text))));
    let visibility = emitter.visibility();
    let attributes = attributes::enumeration(&"Lane", &names);
    quote! {
        /// The lanes of the drawing, to select the nodes that a policy applies to.
        #attributes
        #visibility enum Lane {
            #(#abouts #names,)*
        }

        impl ::core::convert::From<Lane> for #runtime::Scope {
            fn from(lane: Lane) -> Self {
                Self::Lane(lane as u32)
            }
        }
    }
}
