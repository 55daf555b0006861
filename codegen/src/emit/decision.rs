//! A diamond: an enum with a variant for each arrow that leaves it.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

use super::{Emitter, docs};
use crate::model::{Arrow, Node};

pub(super) fn enumeration(emitter: Emitter<'_>, node: &Node) -> TokenStream {
    let Emitter { runtime, .. } = emitter;
    let name = emitter.decision_type(node);
    let about = docs::comment(&format!("What {} can say.", docs::name(node)));
    let labels = node.next.iter().map(label);
    let outcomes: Vec<_> = node.next.iter().map(|arrow| outcome(emitter, arrow)).collect();
    let abouts = node.next.iter().map(|arrow| about_outcome(emitter, arrow));
    let enumeration = quote_spanned! {name.span()=>
        #about
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[allow(clippy::enum_variant_names)]
        pub enum #name {
            #(#abouts #outcomes,)*
        }
    };
    quote! {
        #enumeration

        impl #runtime::Decision for #name {
            const OUTCOMES: &'static [Self] = &[#(Self::#outcomes),*];

            fn label(self) -> &'static str {
                match self {
                    #(Self::#outcomes => #labels,)*
                }
            }
        }
    }
}

/// The variant of an arrow that leaves a decision.
pub(super) fn outcome(emitter: Emitter<'_>, arrow: &Arrow) -> proc_macro2::Ident {
    let at = arrow.label.as_ref().map_or(arrow.span, |label| label.span);
    emitter.ident(&arrow.outcome, at)
}

fn label(arrow: &Arrow) -> &str {
    arrow.label.as_ref().map_or("", |label| &label.text)
}

fn about_outcome(emitter: Emitter<'_>, arrow: &Arrow) -> TokenStream {
    let target = docs::name(&emitter.model[arrow.to]);
    docs::comment(&match label(arrow) {
        "" => format!("Leads to {target}."),
        label => format!("{} leads to {target}.", docs::code(label)),
    })
}
