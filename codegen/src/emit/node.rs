//! The nodes, lanes, starts and ends as enums.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::{Emitter, attributes, docs, plan};
use crate::model::{Kind, LaneIx, Node, NodeIx};

pub(super) fn items(emitter: Emitter<'_>) -> TokenStream {
    let ends = ends(emitter);
    let starts = (emitter.model.starts.len() > 1).then(|| starts(emitter));
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
    let others = others(emitter);
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
            type End = End;

            const ALL: &'static [Self] = &[#(Self::#variants),*];

            const PLAN: &'static #runtime::plan::Plan = #plan;

            fn index(self) -> u32 {
                self as u32
            }

            fn end(self) -> ::core::option::Option<End> {
                match self {
                    #(Self::#ends => ::core::option::Option::Some(End::#ends),)*
                    #others => ::core::option::Option::None,
                }
            }
        }
    }
}

/// The pattern of all nodes but ends. A single node is named, as a wildcard would hide it.
fn others(emitter: Emitter<'_>) -> TokenStream {
    let mut others = emitter.model.nodes.iter().filter(|node| node.kind != Kind::End);
    if let (Some(only), None) = (others.next(), others.next()) {
        let only = emitter.variant(only);
        quote!(Self::#only)
    } else {
        quote!(_)
    }
}

fn ends(emitter: Emitter<'_>) -> TokenStream {
    let (names, abouts) = circles(emitter, &emitter.model.ends);
    let visibility = emitter.visibility();
    let attributes = attributes::enumeration(&"End", &names);
    quote! {
        /// How the flow can end.
        #attributes
        #visibility enum End {
            #(#abouts #names,)*
        }
    }
}

fn starts(emitter: Emitter<'_>) -> TokenStream {
    let (names, abouts) = circles(emitter, &emitter.model.starts);
    let indices = emitter.model.starts.iter().map(|start| plan::index(*start));
    let visibility = emitter.visibility();
    let attributes = attributes::enumeration(&"Start", &names);
    quote! {
        /// Where the flow can start.
        #attributes
        #visibility enum Start {
            #(#abouts #names = #indices,)*
        }
    }
}

fn circles(emitter: Emitter<'_>, nodes: &[NodeIx]) -> (Vec<Ident>, Vec<TokenStream>) {
    let about = |node: &Node| docs::comment(&format!("{}.", docs::name(node)));
    nodes.iter().map(|&node| &emitter.model[node]).map(|node| (emitter.variant(node), about(node))).unzip()
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
