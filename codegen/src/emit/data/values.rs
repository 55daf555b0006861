//! `Value`: the values of a run.

use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};

use super::super::emitter::Emitter;
use super::super::{attributes, docs};
use super::facts::{is_moved, is_read};
use super::impls::{self, Fields, Variant};
use super::{about, ends, types};
use crate::model::data::{Data, NameIx};

pub(crate) fn items(emitter: Emitter<'_>, data: &Data) -> TokenStream {
    let enumeration = enumeration(emitter, data);
    let value = value(emitter, data);
    quote! {
        #enumeration
        #value
    }
}

fn names(data: &Data) -> impl Iterator<Item = NameIx> + Clone {
    (0..data.names.len()).map(NameIx)
}

fn enumeration(emitter: Emitter<'_>, data: &Data) -> TokenStream {
    let Emitter { runtime, model, .. } = emitter;
    let visibility = emitter.visibility();
    let variants: Vec<_> = names(data).map(|name| emitter.value(data, name)).collect();
    let abouts = names(data).map(|name| docs::comment(&format!("{}.", about::name(model, data, name))));
    let holders = names(data).map(|name| {
        let type_ = emitter.value_type(data, name);
        if is_moved(data, name) {
            quote!(#runtime::data::Movable<#type_>)
        } else {
            quote!(::std::sync::Arc<#type_>)
        }
    });
    let holders: Vec<_> = holders.collect();
    let readers = names(data).filter(|&name| is_read(model, data, name)).map(|name| {
        let (accessor, variant) = (emitter.accessor_name(data, name), &variants[name.0]);
        let holder = &holders[name.0];
        let body = match &variants[..] {
            // As it is never `None`, clippy would have the function return no option.
            [_] => quote!(Self::#variant(value) => ::core::convert::Into::into(value)),
            [first, second] => {
                let other = if variant == first { second } else { first };
                quote! {
                    Self::#variant(value) => ::core::option::Option::Some(value),
                    Self::#other(_) => ::core::option::Option::None,
                }
            }
            _ => quote! {
                Self::#variant(value) => ::core::option::Option::Some(value),
                _ => ::core::option::Option::None,
            },
        };
        quote! {
            fn #accessor(&self) -> ::core::option::Option<&#holder> {
                match self {
                    #body
                }
            }
        }
    });
    let readers: Vec<_> = readers.collect();
    let readers = (!readers.is_empty()).then(|| quote!(impl Value { #(#readers)* }));
    let shared = names(data).filter(|&name| !is_moved(data, name));
    let debug_types: Vec<_> = shared.map(|name| emitter.value_type(data, name)).collect();
    let debug_variants = variants.iter().map(|name| Variant { name: name.clone(), fields: Fields::Tuple });
    let debug = impls::debug(&format_ident!("Value"), &debug_variants.collect::<Vec<_>>(), &debug_types);
    let allowance = attributes::alike(&"Value", &variants);
    quote! {
        /// The values of a run, by their names in the declaration.
        #[derive(::core::clone::Clone)]
        #allowance
        #visibility enum Value {
            #(#abouts #variants(#holders),)*
        }

        #readers

        #debug
    }
}

fn value(emitter: Emitter<'_>, data: &Data) -> TokenStream {
    let Emitter { runtime, .. } = emitter;
    let bounds = types::kept_bounds(emitter, data);
    let variants = names(data).map(|name| emitter.value(data, name));
    let indices = names(data).map(|name| Literal::usize_unsuffixed(name.0));
    let end = ends::from_inputs(emitter, data);
    quote! {
        impl #runtime::data::Value for Value #bounds {
            type Node = Node;
            type End = End;

            fn name(&self) -> u32 {
                match self {
                    #(Self::#variants(_) => #indices,)*
                }
            }

            #end
        }
    }
}

/// How an engine saves the values. The runtime leaves it out without its feature `serde`.
pub(crate) fn saved(emitter: Emitter<'_>, data: &Data) -> Option<TokenStream> {
    if names(data).any(|name| is_moved(data, name)) {
        return None;
    }
    let Emitter { runtime, model, .. } = emitter;
    let has_messages = emitter.settings.diagnostic_attributes;
    let serde = quote!(#runtime::__serde);
    let bound = |name: NameIx| format_ident!("Saved{}", emitter.values[name.0]);
    let traits = has_messages.then(|| {
        let traits = names(data).map(|name| {
            let saved = bound(name);
            let givers = docs::verbatim(&about::givers(model, data, name));
            let label = format!("{givers} gives `{}`", data.names[name.0].name.text);
            quote! {
                #[diagnostic::on_unimplemented(
                    message = "this flow cannot be durable: `{Self}` cannot be saved",
                    label = #label,
                    note = "derive `serde::Serialize` and `serde::Deserialize` for `{Self}`"
                )]
                pub(crate) trait #saved: #serde::Serialize + #serde::de::DeserializeOwned {}

                #[diagnostic::do_not_recommend]
                impl<T: #serde::Serialize + #serde::de::DeserializeOwned> #saved for T {}
            }
        });
        quote! {
            /// What a durable engine requires of the values.
            mod __saved {
                #(#traits)*
            }
        }
    });
    let bounds = names(data).map(|name| {
        let (type_, saved) = (emitter.value_type(data, name), bound(name));
        if has_messages {
            quote!(for<'a> #type_: __saved::#saved)
        } else {
            quote!(for<'a> #type_: #serde::Serialize + #serde::de::DeserializeOwned)
        }
    });
    let variants: Vec<_> = names(data).map(|name| emitter.value(data, name)).collect();
    let indices = names(data).map(|name| Literal::usize_unsuffixed(name.0));
    Some(quote! {
        #runtime::__if_serde! {
            #traits

            impl #runtime::data::SavedValue for Value where #(#bounds),* {
                fn save<S: #serde::Serializer>(
                    &self,
                    serializer: S,
                ) -> ::core::result::Result<S::Ok, S::Error> {
                    match self {
                        #(Self::#variants(value) => #serde::Serialize::serialize(&**value, serializer),)*
                    }
                }

                fn load<'de, D: #serde::Deserializer<'de>>(
                    name: u32,
                    deserializer: D,
                ) -> ::core::result::Result<Self, D::Error> {
                    ::core::result::Result::Ok(match name {
                        #(#indices => Self::#variants(::std::sync::Arc::new(#runtime::data::decode(deserializer)?)),)*
                        _ => {
                            return ::core::result::Result::Err(
                                <D::Error as #serde::de::Error>::custom("flowgen bug: no such name"),
                            );
                        }
                    })
                }
            }
        }
    })
}
