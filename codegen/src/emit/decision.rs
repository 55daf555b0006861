//! A diamond: an enum with a variant for each edge that leaves it.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{quote, quote_spanned};

use super::{Emitter, attributes, docs};
use crate::model::{Arrow, Node};

/// The enum, with the labels of its outcomes. No variant is constructed here: rustc's `dead_code`
/// lint has to see which outcomes the lanes leave out.
pub(super) fn enumeration(emitter: Emitter<'_>, node: &Node) -> TokenStream {
    let Emitter { runtime, .. } = emitter;
    let visibility = emitter.visibility();
    let name = emitter.decision_type(node);
    let about = docs::comment(&format!("The outcomes of {}.", docs::name(node)));
    let labels = node.next.iter().map(label);
    let outcomes: Vec<Ident> = node.next.iter().map(|arrow| outcome(emitter, arrow)).collect();
    let indices = (0..outcomes.len()).map(Literal::usize_unsuffixed);
    let abouts = node.next.iter().map(|arrow| docs::comment(&about_outcome(emitter, arrow)));
    let attributes = attributes::enumeration(&name, &outcomes);
    let enumeration = quote_spanned! {name.span()=>
        #about
        #attributes
        #visibility enum #name {
            #(#abouts #outcomes,)*
        }
    };
    quote! {
        #enumeration

        impl #runtime::Decision for #name {
            const LABELS: &'static [&'static str] = &[#(#labels),*];

            fn index(self) -> usize {
                match self {
                    #(Self::#outcomes => #indices,)*
                }
            }
        }
    }
}

/// The variant of an edge that leaves a decision.
pub(super) fn outcome(emitter: Emitter<'_>, arrow: &Arrow) -> Ident {
    emitter.ident(&arrow.outcome, arrow.label_span())
}

/// The label of an outcome's edge.
pub(super) fn label(arrow: &Arrow) -> &str {
    arrow.label.as_ref().map_or("", |label| &label.text)
}

/// Where an outcome leads.
pub(super) fn about_outcome(emitter: Emitter<'_>, arrow: &Arrow) -> String {
    let target = docs::name(&emitter.model[arrow.to]);
    match label(arrow) {
        "" => format!("Leads to {target}."),
        label => format!("{} leads to {target}.", docs::code(label)),
    }
}
