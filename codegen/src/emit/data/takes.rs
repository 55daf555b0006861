//! What the methods of a lane take: a struct of references for each.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{quote, quote_spanned};

use super::super::docs;
use super::super::emitter::Emitter;
use super::{about, impls};
use crate::model::data::{Data, NameIx, Take, Taken};
use crate::model::{LaneIx, NodeIx};

/// `pub mod takes { … }` in the module of a lane.
pub(crate) fn module(emitter: Emitter<'_>, data: &Data, lane: LaneIx) -> Option<TokenStream> {
    let takers: Vec<NodeIx> =
        emitter.implemented(lane).filter(|&node| !data.takes(node).is_empty()).collect();
    let structures = takers.iter().map(|&node| structure(emitter, data, node));
    let visibility = emitter.visibility();
    (!takers.is_empty()).then(|| {
        quote! {
            /// What the methods take.
            #visibility mod takes {
                #(#structures)*
            }
        }
    })
}

fn structure(emitter: Emitter<'_>, data: &Data, node: NodeIx) -> TokenStream {
    let Emitter { runtime, model, .. } = emitter;
    let takes = data.takes(node);
    let name = name(emitter, node);
    let about = docs::comment(&format!("What {} takes.", docs::name(&model[node])));
    let visibility = emitter.visibility();
    let type_of = |name: NameIx| emitter.value_type_in_module(data, name);
    let fields: Vec<Ident> = takes.iter().map(|taken| field(emitter, data, taken)).collect();
    let types = takes.iter().map(|taken| match taken.take {
        Take::One(name) => {
            let type_ = type_of(name);
            quote!(&'a #type_)
        }
        Take::Optional(name) => {
            let type_ = type_of(name);
            quote!(::core::option::Option<&'a #type_>)
        }
        Take::List(name) => {
            let type_ = type_of(name);
            quote!(&'a [&'a #type_])
        }
        Take::Moved(name) => type_of(name),
        Take::Cause => {
            let node = quote!(super::Node);
            quote!(&'a #runtime::Cause<super::#node>)
        }
    });
    let abouts = takes.iter().map(|taken| docs::comment(&about::input(model, data, taken.take)));
    let has_reference = has_reference(takes);
    let generics = has_reference.then(|| quote!(<'a>));
    let elided = has_reference.then(|| quote!(<'_>));
    let is_copy = !takes.iter().any(|taken| matches!(taken.take, Take::Moved(_)));
    let derives = is_copy.then(|| quote!(#[derive(::core::clone::Clone, ::core::marker::Copy)]));
    let names = takes.iter().filter_map(|taken| taken.take.name());
    let values: Vec<TokenStream> = names.map(type_of).collect();
    let bounds = impls::bounds(&values, &quote!(::core::fmt::Debug));
    let (text, texts) = (name.to_string(), fields.iter().map(Ident::to_string));
    quote! {
        #about
        #derives
        #visibility struct #name #generics {
            #(#abouts #visibility #fields: #types,)*
        }

        impl ::core::fmt::Debug for #name #elided #bounds {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.debug_struct(#text)#(.field(#texts, &self.#fields))*.finish()
            }
        }
    }
}

/// The struct of a node: `ChargePayment`.
pub(super) fn name(emitter: Emitter<'_>, node: NodeIx) -> Ident {
    emitter.method_type(node)
}

/// The parameter of a method: `given: takes::ChargePayment<'_>,`.
pub(crate) fn parameter(emitter: Emitter<'_>, data: &Data, node: NodeIx) -> Option<TokenStream> {
    let takes = data.takes(node);
    let elided = has_reference(takes).then(|| quote!(<'_>));
    let name = name(emitter, node);
    (!takes.is_empty()).then(|| quote_spanned!(name.span()=> given: takes::#name #elided,))
}

/// Reads the inputs: `let takes = payment::takes::ChargePayment { … };`.
pub(super) fn read(emitter: Emitter<'_>, data: &Data, node: NodeIx) -> Option<TokenStream> {
    let takes = data.takes(node);
    let (module, name) = (emitter.module(emitter.model[node].lane), name(emitter, node));
    let fields = takes.iter().enumerate().map(|(at, taken)| {
        let field = field(emitter, data, taken);
        let at = Literal::usize_unsuffixed(at);
        let accessor = taken.take.name().map(|name| emitter.accessor(data, name));
        match taken.take {
            Take::One(_) => quote!(#field: given.one(#at, #accessor)?),
            Take::Optional(_) => quote!(#field: given.optional(#at, #accessor)?),
            Take::List(_) => quote!(#field: &given.list(#at, #accessor)?),
            Take::Moved(_) => quote!(#field: given.moved(#at, #accessor)?),
            Take::Cause => quote!(#field: &given.cause(#at)?),
        }
    });
    (!takes.is_empty()).then(|| quote!(let takes = #module::takes::#name { #(#fields),* };))
}

/// The field of an input, with the span of the input in the declaration.
pub(super) fn field(emitter: Emitter<'_>, data: &Data, taken: &Taken) -> Ident {
    let text = taken.take.name().map_or("cause", |name| &data.names[name.0].name.text);
    emitter.ident(text, taken.span)
}

fn has_reference(takes: &[Taken]) -> bool {
    takes.iter().any(|taken| !matches!(taken.take, Take::Moved(_)))
}
