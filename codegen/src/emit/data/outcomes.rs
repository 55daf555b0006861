//! The enum that a step returns which answers the decision behind it.

use proc_macro2::TokenStream;
use quote::quote;

use super::super::emitter::Emitter;
use super::super::{attributes, decision, docs};
use super::impls::{self, Fields, Variant};
use crate::model::NodeIx;
use crate::model::data::{Data, GivenOutcome, Gives};

/// The enum of a decision whose outcomes carry values. `None` if none of them does.
pub(crate) fn enumeration(emitter: Emitter<'_>, data: &Data, step: NodeIx) -> Option<TokenStream> {
    let model = emitter.model;
    let Gives::Outcomes { decision: at, outcomes } = data.gives(step) else { return None };
    outcomes.iter().find_map(|outcome| outcome.name)?;
    let name = emitter.decision_type(&model[*at]);
    let (step_name, decision_name) = (docs::name(&model[step]), docs::name(&model[*at]));
    let about = docs::comment(&format!("What {step_name} returns, which answers {decision_name}."));
    let is_compensable = model[step].undone_by.is_some();
    let arrows = || model[*at].next.iter().zip(outcomes);
    let abouts = arrows().map(|(arrow, GivenOutcome { is_done, .. })| {
        let effect = match (is_compensable, is_done) {
            (false, _) => "",
            (true, true) => " The step is done, and is undone if the flow fails later.",
            (true, false) => " The step is not done, so there is nothing to undo.",
        };
        docs::comment(&(decision::about_outcome(emitter, arrow) + effect))
    });
    let variants: Vec<Variant> = arrows()
        .map(|(arrow, outcome)| Variant {
            name: decision::outcome(emitter, arrow),
            fields: if outcome.name.is_some() { Fields::Tuple } else { Fields::None },
        })
        .collect();
    let values = outcomes.iter().map(|outcome| {
        outcome.name.map(|name| {
            let type_ = emitter.value_type(data, name);
            quote!(super::#type_)
        })
    });
    let values: Vec<_> = values.collect();
    let tuples = values.iter().map(|value| value.as_ref().map(|value| quote!((#value))));
    let types: Vec<TokenStream> = values.iter().flatten().cloned().collect();
    let names: Vec<_> = variants.iter().map(|variant| &variant.name).collect();
    let allowance = attributes::alike(&name, &names);
    let visibility = emitter.visibility();
    let implementations = [
        impls::debug_derived(&name, &variants, &types),
        impls::clone(&name, &variants, &types),
        impls::partial_eq(&name, &variants, &types),
    ];
    Some(quote! {
        #about
        #allowance
        #visibility enum #name {
            #(#abouts #names #tuples,)*
        }

        #(#implementations)*
    })
}
