//! `Debug`, `Clone` and `PartialEq` of items with values, where the values have them.
//!
//! A derive would demand them of the user's types. With higher-ranked bounds, rustc checks a bound where the
//! implementation is used.

use std::collections::BTreeMap;

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

/// A variant with its values.
pub(super) struct Variant {
    pub(super) name: Ident,
    pub(super) fields: Fields,
}

/// The values of a variant.
pub(super) enum Fields {
    None,
    /// One value, without a name.
    Tuple,
    Named(Vec<Ident>),
}

/// `where for<'a> types::Order: Debug, …`, or nothing.
pub(super) fn bounds(types: &[TokenStream], bound: &TokenStream) -> Option<TokenStream> {
    let types: BTreeMap<String, &TokenStream> =
        types.iter().map(|type_| (type_.to_string(), type_)).collect();
    let types = types.values();
    (types.len() > 0).then(|| quote!(where #(for<'a> #types: #bound),*))
}

/// `Debug` of an enum.
///
/// It is not marked as derived, so that it counts as a use of the values.
pub(super) fn debug(name: &Ident, variants: &[Variant], types: &[TokenStream]) -> TokenStream {
    let bounds = bounds(types, &quote!(::core::fmt::Debug));
    let is_field = |name: &str| {
        variants.iter().any(
            |variant| matches!(&variant.fields, Fields::Named(fields) if fields.iter().any(|field| field == name)),
        )
    };
    let formatter = if is_field("f") { format_ident!("formatter_") } else { format_ident!("f") };
    let arms = variants.iter().map(|Variant { name, fields }| {
        let text = name.to_string();
        match fields {
            Fields::None => quote!(Self::#name => #formatter.write_str(#text)),
            Fields::Tuple => {
                quote!(Self::#name(value) => #formatter.debug_tuple(#text).field(value).finish())
            }
            Fields::Named(fields) => {
                let texts = fields.iter().map(Ident::to_string);
                quote! {
                    Self::#name { #(#fields),* } => {
                        #formatter.debug_struct(#text)#(.field(#texts, #fields))*.finish()
                    }
                }
            }
        }
    });
    quote! {
        impl ::core::fmt::Debug for #name #bounds {
            fn fmt(&self, #formatter: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                match self {
                    #(#arms,)*
                }
            }
        }
    }
}

/// `Debug` of an enum, marked as derived: rustc then still reports a value that nothing else reads.
pub(super) fn debug_derived(name: &Ident, variants: &[Variant], types: &[TokenStream]) -> TokenStream {
    let debug = debug(name, variants, types);
    quote!(#[automatically_derived] #debug)
}

/// `Clone` of an enum with tuples. It constructs all variants, so it is marked as derived: rustc then still reports a
/// variant that nothing else constructs.
pub(super) fn clone(name: &Ident, variants: &[Variant], types: &[TokenStream]) -> TokenStream {
    let bounds = bounds(types, &quote!(::core::clone::Clone));
    let arms = variants.iter().map(|Variant { name, fields }| match fields {
        Fields::Tuple => quote!(Self::#name(value) => Self::#name(::core::clone::Clone::clone(value))),
        Fields::None | Fields::Named(_) => quote!(Self::#name => Self::#name),
    });
    quote! {
        #[automatically_derived]
        impl ::core::clone::Clone for #name #bounds {
            fn clone(&self) -> Self {
                match self {
                    #(#arms,)*
                }
            }
        }
    }
}

/// `PartialEq` of an enum.
pub(super) fn partial_eq(name: &Ident, variants: &[Variant], types: &[TokenStream]) -> TokenStream {
    let bounds = bounds(types, &quote!(::core::cmp::PartialEq));
    let is_empty = |variant: &&Variant| matches!(variant.fields, Fields::None);
    let empty: Vec<_> = variants.iter().filter(is_empty).map(|variant| &variant.name).collect();
    let empty = (!empty.is_empty()).then(|| quote!(#((Self::#empty, Self::#empty))|* => true,));
    let arms = variants.iter().filter_map(|Variant { name, fields }| match fields {
        Fields::None => None,
        Fields::Tuple => Some(quote!((Self::#name(one), Self::#name(other)) => one == other)),
        Fields::Named(fields) => {
            let (mut ones, mut others) = (Vec::new(), Vec::new());
            for at in 0..fields.len() {
                ones.push(format_ident!("one_{at}"));
                others.push(format_ident!("other_{at}"));
            }
            Some(quote! {
                (Self::#name { #(#fields: #ones),* }, Self::#name { #(#fields: #others),* }) => {
                    #(#ones == #others)&&*
                }
            })
        }
    });
    let differs = (variants.len() > 1).then(|| quote!(_ => false,));
    quote! {
        #[automatically_derived]
        impl ::core::cmp::PartialEq for #name #bounds {
            fn eq(&self, other: &Self) -> bool {
                match (self, other) {
                    #empty
                    #(#arms,)*
                    #differs
                }
            }
        }
    }
}
