//! Starts and ends: enums of them, without values.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};

use super::emitter::Emitter;
use super::{attributes, docs};
use crate::model::{Kind, Node, NodeIx};

/// An enum of the ends without values.
pub(super) fn ends(emitter: Emitter<'_>, name: &str, about: &str) -> TokenStream {
    let (names, abouts) = circles(emitter, &emitter.model.ends);
    let visibility = emitter.visibility();
    let attributes = attributes::enumeration(&name, &names);
    let (name, about) = (format_ident!("{name}"), docs::comment(about));
    quote! {
        #about
        #attributes
        #visibility enum #name {
            #(#abouts #names,)*
        }
    }
}

/// An enum of the starts without values.
pub(super) fn starts(emitter: Emitter<'_>, name: &str, about: &str) -> TokenStream {
    let (names, abouts) = circles(emitter, &emitter.model.starts);
    let indices = emitter.model.starts.iter().map(|start| index(*start));
    let visibility = emitter.visibility();
    let attributes = attributes::enumeration(&name, &names);
    let (name, about) = (format_ident!("{name}"), docs::comment(about));
    quote! {
        #about
        #attributes
        #visibility enum #name {
            #(#abouts #names = #indices,)*
        }
    }
}

fn circles(emitter: Emitter<'_>, nodes: &[NodeIx]) -> (Vec<Ident>, Vec<TokenStream>) {
    let about = |node: &Node| docs::comment(&format!("{}.", docs::name(node)));
    nodes.iter().map(|&node| &emitter.model[node]).map(|node| (emitter.variant(node), about(node))).unzip()
}

/// The pattern of all nodes but ends. A single node is named, as a wildcard would hide it.
pub(super) fn others(emitter: Emitter<'_>, prefix: &TokenStream) -> TokenStream {
    let mut others = emitter.model.nodes.iter().filter(|node| node.kind != Kind::End);
    if let (Some(only), None) = (others.next(), others.next()) {
        let only = emitter.variant(only);
        quote!(#prefix::#only)
    } else {
        quote!(_)
    }
}

/// The starts, as constructed values.
pub(super) fn optional_starts(emitter: Emitter<'_>, name: &str) -> Option<TokenStream> {
    let starts = &emitter.model.starts;
    let name = format_ident!("{name}");
    (starts.len() > 1).then(|| {
        let starts = starts.iter().map(|&start| emitter.variant(&emitter.model[start]));
        quote!(let _ = [#(#name::#starts),*];)
    })
}

/// A node's index in the plan, as a literal.
pub(super) fn index(node: NodeIx) -> Literal {
    Literal::usize_unsuffixed(node.0)
}
