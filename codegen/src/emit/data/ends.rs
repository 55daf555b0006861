//! `End` and `EndNode`: how a typed flow can end.

use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};

use super::super::emitter::Emitter;
use super::super::{attributes, circles, docs};
use super::impls::{self, Fields, Variant};
use super::{about, takes};
use crate::model::data::{Data, Take};

pub(crate) fn items(emitter: Emitter<'_>, data: &Data) -> TokenStream {
    let nodes = circles::ends(emitter, "EndNode", "How the flow can end, without the values.");
    let end = enumeration(emitter, data);
    quote! {
        #nodes
        #end
    }
}

fn enumeration(emitter: Emitter<'_>, data: &Data) -> TokenStream {
    let model = emitter.model;
    if model.ends.iter().all(|&end| data.takes(end).is_empty()) {
        return circles::ends(emitter, "End", "How the flow can end.");
    }
    let visibility = emitter.visibility();
    let mut held_types = Vec::new();
    let mut is_clone = true;
    let mut variants = Vec::new();
    let mut drawn = Vec::new();
    for &end in &model.ends {
        let name = emitter.variant(&model[end]);
        let inputs = data.takes(end).iter().filter(|taken| taken.take != Take::Cause).collect::<Vec<_>>();
        let fields: Vec<_> = inputs.iter().map(|taken| takes::field(emitter, data, taken)).collect();
        let abouts = inputs.iter().map(|taken| docs::comment(&about::input(model, data, taken.take)));
        let held = inputs.iter().map(|taken| {
            let type_ = taken.take.name().map(|name| emitter.value_type(data, name));
            held_types.extend(type_.clone());
            match taken.take {
                Take::Optional(_) => quote!(::core::option::Option<::std::sync::Arc<#type_>>),
                Take::List(_) => quote!(::std::vec::Vec<::std::sync::Arc<#type_>>),
                Take::Moved(_) => {
                    is_clone = false;
                    quote!(#type_)
                }
                _ => quote!(::std::sync::Arc<#type_>),
            }
        });
        let body = (!fields.is_empty()).then(|| quote!({ #(#abouts #fields: #held,)* }));
        let about = docs::comment(&format!("{}.", docs::name(&model[end])));
        drawn.push(quote!(#about #name #body));
        let fields = if fields.is_empty() { Fields::None } else { Fields::Named(fields) };
        variants.push(Variant { name, fields });
    }
    let names: Vec<_> = variants.iter().map(|variant| &variant.name).collect();
    let allowance = attributes::alike(&"End", &names);
    let clone = is_clone.then(|| quote!(#[derive(::core::clone::Clone)]));
    let name = format_ident!("End");
    let debug = impls::debug(&name, &variants, &held_types);
    let partial_eq = impls::partial_eq(&name, &variants, &held_types);
    quote! {
        /// How the flow ended, and with which values.
        #clone
        #allowance
        #visibility enum End {
            #(#drawn,)*
        }

        #debug

        #partial_eq
    }
}

/// `fn end` of `Value`.
pub(super) fn from_inputs(emitter: Emitter<'_>, data: &Data) -> TokenStream {
    let Emitter { runtime, model, .. } = emitter;
    let arms = model.ends.iter().map(|&end| {
        let name = emitter.variant(&model[end]);
        let fields = data.takes(end).iter().enumerate().filter_map(|(at, taken)| {
            let accessor = emitter.accessor(data, taken.take.name()?);
            let (field, at) = (takes::field(emitter, data, taken), Literal::usize_unsuffixed(at));
            let read = match taken.take {
                Take::One(_) => quote!(shared),
                Take::Optional(_) => quote!(shared_optional),
                Take::List(_) => quote!(shared_list),
                Take::Moved(_) => quote!(moved),
                Take::Cause => return None,
            };
            Some(quote!(#field: given.#read(#at, #accessor)?))
        });
        let fields: Vec<_> = fields.collect();
        let body = (!fields.is_empty()).then(|| quote!({ #(#fields),* }));
        quote!(Node::#name => End::#name #body)
    });
    let others = circles::others(emitter, &quote!(Node));
    let takes_any =
        model.ends.iter().any(|&end| data.takes(end).iter().any(|taken| taken.take.name().is_some()));
    let given = if takes_any { quote!(given) } else { quote!(_) };
    quote! {
        fn end(
            at: Node,
            #given: &#runtime::data::Inputs<'_, Self>,
        ) -> #runtime::Result<::core::option::Option<End>> {
            ::core::result::Result::Ok(::core::option::Option::Some(match at {
                #(#arms,)*
                #others => return ::core::result::Result::Ok(::core::option::Option::None),
            }))
        }
    }
}
