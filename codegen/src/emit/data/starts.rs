//! How a typed flow is started: its input, and the methods of `Flow`.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::super::emitter::Emitter;
use super::super::{arms, attributes, circles, docs};
use super::about;
use crate::model::data::{Data, Gives, NameIx};
use crate::model::{Model, NodeIx};

/// The value that a start gives.
fn given(data: &Data, start: NodeIx) -> Option<NameIx> {
    match data.gives(start) {
        Gives::Value(name) => Some(*name),
        Gives::Nothing | Gives::Outcomes { .. } => None,
    }
}

/// The items that make the input of a run.
pub(crate) fn items(emitter: Emitter<'_>, data: &Data) -> TokenStream {
    match emitter.model.starts[..] {
        [] => TokenStream::new(),
        [start] => input(emitter, data, start),
        _ => starts(emitter, data),
    }
}

fn input(emitter: Emitter<'_>, data: &Data, start: NodeIx) -> TokenStream {
    let Emitter { runtime, model, .. } = emitter;
    let visibility = emitter.visibility();
    let about = docs::comment(&about_input(model, data, start));
    let (parameter, body) = match given(data, start) {
        None => (None, quote!(#runtime::data::Data::new())),
        Some(name) => {
            let (field, type_) = (emitter.field(data, name), emitter.value_type(data, name));
            let value = emitter.wrapped(data, name, &field);
            (Some(quote!(#field: #type_)), quote!(#runtime::data::Data::with_input(#value)))
        }
    };
    quote! {
        #about
        #[must_use]
        #visibility fn input(#parameter) -> #runtime::data::Data<Value> {
            #body
        }
    }
}

fn about_input(model: &Model, data: &Data, start: NodeIx) -> String {
    let given = given(data, start).map(|name| about::name(model, data, name));
    match given {
        Some(given) => format!("The input of a run: {given}."),
        None => format!("The input of a run from {}, which gives nothing.", docs::name(&model[start])),
    }
}

fn starts(emitter: Emitter<'_>, data: &Data) -> TokenStream {
    let Emitter { runtime, model, .. } = emitter;
    let visibility = emitter.visibility();
    let nodes = circles::starts(emitter, "StartNode", "Where the flow can start, without the input.");
    let names: Vec<Ident> = model.starts.iter().map(|&start| emitter.variant(&model[start])).collect();
    let abouts = model.starts.iter().map(|&start| docs::comment(&about_input(model, data, start)));
    let types = model.starts.iter().map(|&start| {
        given(data, start).map(|name| {
            let type_ = emitter.value_type(data, name);
            quote!((#type_))
        })
    });
    let node_arms = model.starts.iter().zip(&names).map(|(&start, name)| {
        let pattern = given(data, start).map(|_| quote!((_)));
        quote!(Self::#name #pattern => StartNode::#name)
    });
    let is_empty = model.starts.iter().all(|&start| given(data, start).is_none());
    let mut arms = arms::Arms::default();
    for (&start, name) in model.starts.iter().zip(&names) {
        let (pattern, input) = match given(data, start) {
            None => (quote!(Self::#name), quote!(#runtime::data::Data::new())),
            Some(given) => {
                let field = emitter.field(data, given);
                let value = emitter.wrapped(data, given, &field);
                (quote!(Self::#name(#field)), quote!(#runtime::data::Data::with_input(#value)))
            }
        };
        arms.push(pattern, input, true);
    }
    let inputs = if is_empty {
        quote!(#runtime::data::Data::new())
    } else {
        {
            let arms = arms.tokens();
            quote!(match self { #arms })
        }
    };
    let values = model.starts.iter().filter_map(|&start| given(data, start));
    let types_of_values: Vec<_> = values.map(|name| emitter.value_type(data, name)).collect();
    let variants: Vec<_> = model
        .starts
        .iter()
        .zip(&names)
        .map(|(&start, name)| super::impls::Variant {
            name: name.clone(),
            fields: match given(data, start) {
                None => super::impls::Fields::None,
                Some(_) => super::impls::Fields::Tuple,
            },
        })
        .collect();
    let debug = super::impls::debug(&quote::format_ident!("Start"), &variants, &types_of_values);
    let allowance = attributes::alike(&"Start", &names);
    quote! {
        #nodes

        /// Where a run starts, and its input.
        #allowance
        #visibility enum Start {
            #(#abouts #names #types,)*
        }

        #debug

        impl Start {
            /// The node at which the run starts.
            #[must_use]
            #visibility const fn node(&self) -> StartNode {
                match self {
                    #(#node_arms,)*
                }
            }

            /// The input of the run.
            #[must_use]
            #visibility fn input(self) -> #runtime::data::Data<Value> {
                #inputs
            }
        }
    }
}

/// Counts as a use of the starts.
pub(crate) fn optional_items(emitter: Emitter<'_>, data: &Data) -> Option<TokenStream> {
    match emitter.model.starts[..] {
        [] => None,
        [_] => Some(quote!(let _ = input;)),
        _ => {
            let nodes = circles::optional_starts(emitter, "StartNode");
            let starts = emitter.model.starts.iter().map(|&start| {
                let name = emitter.variant(&emitter.model[start]);
                let given = given(data, start).map(|_| quote!((_)));
                quote!(Start::#name #given)
            });
            Some(quote! {
                #nodes
                let _ = |start: &Start| ::core::matches!(start, #(#starts)|*);
            })
        }
    }
}

/// The methods of `Flow`.
pub(crate) fn methods(emitter: Emitter<'_>, data: &Data, bounds: &TokenStream) -> TokenStream {
    let Emitter { runtime, model, .. } = emitter;
    let visibility = emitter.visibility();
    let running = quote!(#runtime::Running<'_, Node, #runtime::data::Data<Value>>);
    let (run, parameter, start) = match model.starts[..] {
        [] => return TokenStream::new(),
        [start] => {
            let about = docs::comment(&format!("Runs the flow once, from {}.", docs::name(&model[start])));
            let run = emitter.ident("run", model[start].label.span);
            let name = given(data, start);
            let field = name.map(|name| emitter.field(data, name));
            let parameter = name.map(|name| {
                let type_ = emitter.value_type(data, name);
                quote!(#field: #type_)
            });
            let index = circles::index(start);
            let run = quote! {
                #about
                #visibility fn #run(&self, #parameter) -> #running
                #bounds
                {
                    #runtime::Runner::run_once(self, #index, input(#field))
                }
            };
            (run, None, quote!(#index))
        }
        _ => {
            let run = quote! {
                /// Runs the flow once, from this start.
                #visibility fn run(&self, start: Start) -> #running
                #bounds
                {
                    #runtime::Runner::run_once(self, start.node() as u32, start.input())
                }
            };
            (run, Some(quote!(start: StartNode)), quote!(start as u32))
        }
    };
    quote! {
        #run

        /// Runs the flow with retries, timeouts, limits, observers, or under ids of your own.
        #visibility const fn runner(&self, #parameter) -> #runtime::Runner<&Self> {
            #runtime::Runner::new(self, #start)
        }

        /// The same, with a runner that owns the flow: for engines and servers.
        #visibility fn into_runner(self, #parameter) -> #runtime::Runner<Self> {
            #runtime::Runner::new(self, #start)
        }
    }
}
