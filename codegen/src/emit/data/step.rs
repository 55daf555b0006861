//! What `Flow::step` does at a node of a typed flow: reads the inputs, calls the lane, and stores the output.

use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};

use super::super::decision;
use super::super::emitter::Emitter;
use super::facts::{answered_by, undone_value};
use super::{takes, undo};
use crate::model::data::{Data, Gives};
use crate::model::{Kind, Model, NodeIx};

/// The body of a node's arm. `next` is where control continues if the node is no decision.
pub(crate) fn body(emitter: Emitter<'_>, data: &Data, at: NodeIx, next: &TokenStream) -> TokenStream {
    let node = &emitter.model[at];
    if node.kind == Kind::Decision && answered_by(data, at).is_some() {
        return quote!(return ::core::result::Result::Err(given.is_answered()));
    }
    let takes = takes::read(emitter, data, at);
    let undo = undo::read(emitter, data, at);
    let (service, method) = (emitter.module(node.lane), emitter.method(node));
    let arguments = arguments(undo.is_some(), takes.is_some());
    let inquiry = node.undone_by.is_some().then(|| inquiry(emitter, data, at));
    let call = quote!(self.#service.#method(#arguments).await?);
    let value = format_ident!("value");
    let works = match data.gives(at) {
        Gives::Outcomes { decision: answered, outcomes } => {
            let (module, name) =
                (emitter.module(node.lane), emitter.decision_type(&emitter.model[*answered]));
            let arrows = emitter.model[*answered].next.iter().zip(outcomes).enumerate();
            let arms = arrows.map(|(nth, (arrow, given))| {
                let outcome = decision::outcome(emitter, arrow);
                let target = emitter.variant(&emitter.model[arrow.to]);
                let nth = Literal::usize_unsuffixed(nth);
                let effect = node.undone_by.is_some().then(|| {
                    let effect = if given.is_done { quote!(Done) } else { quote!(NotDone) };
                    quote!(.with_effect(Effect::#effect))
                });
                let next = quote!(Next::to(Node::#target)#effect.outcome(#nth));
                match given.name {
                    None => quote!(#module::#name::#outcome => #next,),
                    Some(given) => {
                        let wrapped = emitter.wrapped(data, given, &value);
                        quote!(#module::#name::#outcome(value) => {
                            cx.give(visit, #wrapped)?;
                            #next
                        })
                    }
                }
            });
            quote!(match #call { #(#arms)* })
        }
        _ if node.kind == Kind::Decision => {
            let (module, name) = (emitter.module(node.lane), emitter.decision_type(node));
            let arms = node.next.iter().enumerate().map(|(nth, arrow)| {
                let outcome = decision::outcome(emitter, arrow);
                let target = emitter.variant(&emitter.model[arrow.to]);
                let nth = Literal::usize_unsuffixed(nth);
                quote!(#module::#name::#outcome => Next::to(Node::#target).outcome(#nth),)
            });
            quote!(match #call { #(#arms)* })
        }
        Gives::Value(name) => {
            let wrapped = emitter.wrapped(data, *name, &value);
            quote! {
                let value = #call;
                cx.give(visit, #wrapped)?;
                #next
            }
        }
        Gives::Nothing => quote! {
            #call;
            #next
        },
    };
    let is_expression = takes.is_none() && undo.is_none() && inquiry.is_none();
    if is_expression && (node.kind == Kind::Decision || data.gives(at).decision().is_some()) {
        works
    } else {
        quote!({ #undo #takes #inquiry #works })
    }
}

/// The arguments of a method: what it undoes, what it takes, and the visit.
fn arguments(undoes: bool, takes: bool) -> TokenStream {
    let undo = undoes.then(|| quote!(undo,));
    let takes = takes.then(|| quote!(takes,));
    quote!(#undo #takes visit)
}

/// Answers an inquiry.
fn inquiry(emitter: Emitter<'_>, data: &Data, at: NodeIx) -> TokenStream {
    let node = &emitter.model[at];
    let (service, method) = (emitter.module(node.lane), emitter.inquiry(node));
    let arguments = arguments(false, !data.takes(at).is_empty());
    let call = quote!(self.#service.#method(#arguments).await?);
    let answer = match undone_value(data, at) {
        None => quote!(return ::core::result::Result::Ok(Next::answer(#call));),
        Some(name) => {
            let wrapped = emitter.wrapped(data, name, &format_ident!("value"));
            quote! {
                let did = #call.map(|value| #wrapped);
                return ::core::result::Result::Ok(Next::answer(cx.answer(visit, did)?));
            }
        }
    };
    quote!(if visit.is_inquiry() { #answer })
}

/// Does `step` use the store?
pub(crate) fn uses_store(emitter: Emitter<'_>, data: &Data) -> bool {
    uses_inputs(emitter, data) || implemented(emitter).any(|at| *data.gives(at) != Gives::Nothing)
}

/// Does `step` read an input?
pub(crate) fn uses_inputs(emitter: Emitter<'_>, data: &Data) -> bool {
    implemented(emitter).any(|at| {
        let is_answered = || answered_by(data, at).is_some();
        !data.takes(at).is_empty() || emitter.model[at].is_compensation() || is_answered()
    })
}

fn implemented(emitter: Emitter<'_>) -> impl Iterator<Item = NodeIx> {
    emitter.model.indices().filter(move |&at| emitter.model[at].is_implemented())
}

/// Does `step` name an effect?
pub(crate) fn says_effect(model: &Model, data: &Data) -> bool {
    data.nodes.iter().any(|(&at, node)| model[at].undone_by.is_some() && node.gives.decision().is_some())
}

/// About how many lines a node's arm has because of its data.
pub(crate) fn lines(model: &Model, data: &Data, at: NodeIx) -> usize {
    let outcomes = data.gives(at).decision().map_or(0, |decision| 4 * model[decision].next.len());
    2 * data.takes(at).len() + 2 + outcomes
}
