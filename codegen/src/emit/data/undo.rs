//! What a compensation gets of the visit that it undoes.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

use super::super::emitter::Emitter;
use super::super::{attributes, docs};
use super::facts::undone_value;
use crate::model::data::Data;
use crate::model::{LaneIx, NodeIx};

/// `pub mod undoes { … }` in the module of a lane: an enum for each compensation of several steps.
pub(crate) fn module(emitter: Emitter<'_>, data: &Data, lane: LaneIx) -> Option<TokenStream> {
    let several: Vec<NodeIx> =
        emitter.implemented(lane).filter(|&node| emitter.model[node].undoes.len() > 1).collect();
    let enums = several.iter().map(|&node| enumeration(emitter, data, node));
    let visibility = emitter.visibility();
    (!several.is_empty()).then(|| {
        quote! {
            /// What the compensations of several steps undo.
            #visibility mod undoes {
                #(#enums)*
            }
        }
    })
}

fn enumeration(emitter: Emitter<'_>, data: &Data, node: NodeIx) -> TokenStream {
    let Emitter { runtime, model, .. } = emitter;
    let name = emitter.method_type(node);
    let about = docs::comment(&format!("What {} undoes.", docs::name(&model[node])));
    let visibility = emitter.visibility();
    let steps = &model[node].undoes;
    let variants: Vec<_> = steps.iter().map(|&step| emitter.variant(&model[step])).collect();
    let abouts =
        steps.iter().map(|&step| docs::comment(&format!("A visit of {}.", docs::name(&model[step]))));
    let undos = steps.iter().map(|&step| {
        let value = undone_value(data, step).map(|name| emitter.value_type_in_module(data, name));
        let value = value.map(|value| quote!(, #value));
        quote!(#runtime::data::Undo<'a #value>)
    });
    let allowance = attributes::alike(&name, &variants);
    let arms = variants.iter().map(|variant| {
        let text = variant.to_string();
        quote!(Self::#variant(undo) => f.debug_tuple(#text).field(undo).finish())
    });
    let values: Vec<_> = steps
        .iter()
        .filter_map(|&step| undone_value(data, step))
        .map(|name| emitter.value_type_in_module(data, name))
        .collect();
    let bounds = super::impls::bounds(&values, &quote!(::core::fmt::Debug));
    quote! {
        #about
        #[derive(::core::clone::Clone, ::core::marker::Copy)]
        #allowance
        #visibility enum #name<'a> {
            #(#abouts #variants(#undos),)*
        }

        impl ::core::fmt::Debug for #name<'_> #bounds {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                match self {
                    #(#arms,)*
                }
            }
        }
    }
}

/// The parameter of a method: `undo: Undo<'_, super::types::Charge>,`.
pub(crate) fn parameter(emitter: Emitter<'_>, data: &Data, node: NodeIx) -> Option<TokenStream> {
    let compensation = &emitter.model[node];
    let span = emitter.method(compensation).span();
    Some(match compensation.undoes[..] {
        [] => return None,
        [step] => {
            let value = undone_value(data, step).map(|name| emitter.value_type(data, name));
            let value = value.map(|value| quote!(, super::#value));
            quote_spanned!(span=> undo: Undo<'_ #value>,)
        }
        _ => {
            let name = emitter.method_type(node);
            quote_spanned!(span=> undo: undoes::#name<'_>,)
        }
    })
}

/// The type of the value in the answer to an inquiry: `super::types::Charge`.
pub(crate) fn answer(emitter: Emitter<'_>, data: &Data, step: NodeIx) -> Option<TokenStream> {
    undone_value(data, step).map(|name| {
        let value = emitter.value_type(data, name);
        quote!(super::#value)
    })
}

/// Reads what a compensation undoes: `let undo = given.undo(Value::as_charge)?;`.
pub(super) fn read(emitter: Emitter<'_>, data: &Data, node: NodeIx) -> Option<TokenStream> {
    let model = emitter.model;
    let read = |step: NodeIx| {
        if let Some(name) = undone_value(data, step) {
            let accessor = emitter.accessor(data, name);
            quote!(given.undo(#accessor)?)
        } else {
            quote!(given.undo_of_nothing()?)
        }
    };
    let undo = match model[node].undoes[..] {
        [] => return None,
        [step] => read(step),
        [ref others @ .., last] => {
            let (module, name) = (emitter.module(model[node].lane), emitter.method_type(node));
            let undo = |step: NodeIx| {
                let (variant, read) = (emitter.variant(&model[step]), read(step));
                quote!(#module::undoes::#name::#variant(#read))
            };
            let arms = others.iter().map(|&step| {
                let (id, undo) = (&model[step].id.text, undo(step));
                quote!(::core::option::Option::Some(#id) => #undo,)
            });
            let last = undo(last);
            quote! {
                match visit.undoes().map(|key| key.node()) {
                    #(#arms)*
                    _ => #last,
                }
            }
        }
    };
    Some(quote!(let undo = #undo;))
}
