//! The drawing as data.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::{Emitter, circles, data, decision};
use crate::model::{Arrow, Kind, Loop, Model, Node, NodeIx, meaning_hash};

/// An expression that is valid in a constant.
pub(super) fn expression(emitter: Emitter<'_>) -> TokenStream {
    let Emitter { runtime, model, .. } = emitter;
    let lanes = model.lanes.iter().map(|lane| {
        let (name, label) = (&lane.name.text, &lane.label.text);
        quote!(LaneSpec::new(#name, #label))
    });
    let nodes = model.indices().map(|node| node_spec(model, node));
    let loops: Vec<TokenStream> = model.counted_loops().map(loop_spec).collect();
    let loop_spec_import = (!loops.is_empty()).then(|| quote!(LoopSpec,));
    let trigger = model.trigger.map(|trigger| {
        let trigger = circles::index(trigger);
        quote!(.trigger(#trigger))
    });
    let tables = model.data.as_ref().map(data::plan::tables);
    let data_imports = model.data.as_ref().map(data::plan::imports);
    let hash = hash(meaning_hash(model));
    quote! {
        {
            use #runtime::plan::{Kind, LaneSpec, #loop_spec_import NodeSpec, #data_imports Plan};

            &Plan::new(&[#(#lanes),*], &[#(#nodes),*], &[#(#loops),*]) #tables #trigger .hash(#hash)
        }
    }
}

/// In groups of four digits, as people can read and clippy wants it.
fn hash(hash: u64) -> Literal {
    let [a, b, c, d] = [48, 32, 16, 0].map(|shift| hash >> shift & 0xffff);
    let grouped = format!("0x{a:04x}_{b:04x}_{c:04x}_{d:04x}");
    grouped.parse().unwrap_or_else(|_| Literal::u64_unsuffixed(hash))
}

fn node_spec(model: &Model, at: NodeIx) -> TokenStream {
    let node = &model[at];
    let (id, label, lane) = (&node.id.text, &node.label.text, Literal::usize_unsuffixed(node.lane.0));
    let kind = kind(node.kind);
    let method = node.is_implemented().then_some(&node.names.method).map(|method| quote!(.method(#method)));
    let next = list("next", node.next.iter().map(target));
    let outcomes = outcomes(node);
    let sends = list("sends", node.sends.iter().map(target));
    let undoes = list("undoes", node.undoes.iter().copied().map(circles::index));
    let join = node.join.map(circles::index).map(|join| quote!(.join(#join)));
    let undone_by = node.undone_by.map(circles::index).map(|by| quote!(.undone_by(#by)));
    let rolls_back = (node.is_trigger || node.rolls_back).then(|| quote!(.rolls_back()));
    let data = model.data.as_ref().map(|data| data::plan::node(data, at));
    let asks = (model.data.is_some() && node.undone_by.is_some()).then(|| quote!(.asks()));
    let attributes = attributes(node);
    quote! {
        NodeSpec::new(#id, #label, #lane, Kind::#kind)
            #method #next #outcomes #sends #join #undoes #undone_by #rolls_back #data #asks #attributes
    }
}

fn loop_spec(looped: &Loop) -> TokenStream {
    let (text, head) = (&looped.text.text, circles::index(looped.head));
    let nodes = looped.nodes.iter().copied().map(circles::index);
    if let Some(bound) = looped.bound {
        quote!(LoopSpec::new(#text, #head, &[#(#nodes),*], #bound))
    } else {
        quote!(LoopSpec::unbounded(#text, #head, &[#(#nodes),*]))
    }
}

fn target(arrow: &Arrow) -> Literal {
    circles::index(arrow.to)
}

fn list(name: &str, entries: impl Iterator<Item = Literal>) -> Option<TokenStream> {
    let entries: Vec<Literal> = entries.collect();
    let name = quote::format_ident!("{name}");
    (!entries.is_empty()).then(|| quote!(.#name(&[#(#entries),*])))
}

/// The labels of a decision's outcomes.
fn outcomes(node: &Node) -> Option<TokenStream> {
    let labels = node.next.iter().map(decision::label);
    (node.kind == Kind::Decision).then(|| quote!(.outcomes(&[#(#labels),*])))
}

fn attributes(node: &Node) -> Option<TokenStream> {
    let (keys, values): (Vec<_>, Vec<_>) =
        node.attributes.iter().map(|(key, value)| (&key.text, &value.text)).unzip();
    (!keys.is_empty()).then(|| quote!(.attributes(&[#((#keys, #values)),*])))
}

fn kind(kind: Kind) -> TokenStream {
    match kind {
        Kind::Start => quote!(Start),
        Kind::End => quote!(End),
        Kind::Milestone => quote!(Milestone),
        Kind::Step => quote!(Step),
        Kind::Task => quote!(Task),
        Kind::Decision => quote!(Decision),
    }
}
