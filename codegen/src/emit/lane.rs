//! A lane: a module with its trait, its decisions and its compensations.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};

use super::{Emitter, attributes, decision, docs};
use crate::model::{Kind, LaneIx, Node, NodeIx};

pub(super) fn module(emitter: Emitter<'_>, lane: LaneIx) -> TokenStream {
    let about = docs::comment(&format!("The lane {}.", docs::code(&emitter.model[lane].label.text)));
    let module = emitter.module(lane);
    let is_decision = |node: &&Node| node.kind == Kind::Decision;
    let decisions = nodes(emitter, lane).filter(is_decision).map(|node| decision::enumeration(emitter, node));
    let imports = imports(emitter, lane);
    let service = service_trait(emitter, lane);
    let compensation = emitter.compensates(lane).then(|| compensation_trait(emitter, lane));
    let visibility = emitter.visibility();
    quote! {
        #about
        #visibility mod #module {
            #imports
            #(#decisions)*
            #service
            #compensation
        }
    }
}

/// The names of the runtime that the methods of the lane use. No decision is called like one of them.
fn imports(emitter: Emitter<'_>, lane: LaneIx) -> TokenStream {
    let Emitter { runtime, .. } = emitter;
    let says_effect = nodes(emitter, lane).any(|node| node.undone_by.is_some());
    if says_effect {
        quote!(use #runtime::{Effect, Result, Visit};)
    } else {
        quote!(use #runtime::{Result, Visit};)
    }
}

fn nodes(emitter: Emitter<'_>, lane: LaneIx) -> impl Iterator<Item = &Node> {
    emitter.implemented(lane).map(move |node| &emitter.model[node]).collect::<Vec<_>>().into_iter()
}

fn service_trait(emitter: Emitter<'_>, at: LaneIx) -> TokenStream {
    let lane = &emitter.model[at];
    let label = docs::code(&lane.label.text);
    let verbatim_label = verbatim(&label);
    let about = docs::comment(&format!("The service for the lane {label}."));
    let name = emitter.lane_type(at);
    let visibility = emitter.visibility_of(&name);
    let unserved = format!("`{{Self}}` does not serve the lane {verbatim_label}");
    let wanted = format!("the lane {verbatim_label} needs `{}::{name}<{{Cx}}>`", lane.module);
    let steps = nodes(emitter, at).filter(|node| !node.is_compensation());
    let methods: Vec<TokenStream> = steps.map(|node| method(emitter, node)).collect();
    let diagnostic = emitter.settings.diagnostic_attributes.then(|| {
        let note = emitter.location(lane.name.span).map(|location| {
            let note = format!("the lane is drawn at {}", verbatim(&location));
            quote!(, note = #note)
        });
        quote!(#[diagnostic::on_unimplemented(message = #unserved, label = #wanted #note)])
    });
    quote_spanned! {name.span()=>
        #about
        #diagnostic
        #visibility trait #name<Cx>: ::core::marker::Sync {
            #(#methods)*
        }
    }
}

fn compensation_trait(emitter: Emitter<'_>, lane: LaneIx) -> TokenStream {
    let label = docs::code(&emitter.model[lane].label.text);
    let module = &emitter.model[lane].module;
    let about = docs::comment(&format!("The compensations of the lane {label}."));
    let service = emitter.lane_type(lane);
    let unserved =
        format!("`{{Self}}` does not implement the compensations of the lane {}", verbatim(&label));
    let wanted = format!("the rollback needs `{module}::Compensation<{{Cx}}>`");
    let compensations: Vec<&Node> = nodes(emitter, lane).filter(|node| node.is_compensation()).collect();
    let pairs: Vec<String> = compensations.iter().map(|node| verbatim(&undoes(emitter, node))).collect();
    let note = format!("implement `{module}::Compensation<{{Cx}}>` for `{{Self}}`: {}", pairs.join("; "));
    let methods: Vec<TokenStream> = compensations.iter().map(|node| method(emitter, node)).collect();
    let name = emitter.compensation_trait(lane);
    let visibility = emitter.visibility_of(&name);
    let diagnostic = emitter
        .settings
        .diagnostic_attributes
        .then(|| quote!(#[diagnostic::on_unimplemented(message = #unserved, label = #wanted, note = #note)]));
    quote_spanned! {name.span()=>
        #about
        #diagnostic
        #visibility trait #name<Cx>: #service<Cx> {
            #(#methods)*
        }
    }
}

/// A text as a message of `#[diagnostic::on_unimplemented]` shows it: there, braces hold parameters.
fn verbatim(text: &str) -> String {
    text.replace('{', "{{").replace('}', "}}")
}

/// `` `cancel_order` undoes `Create order record` (n7) ``, and where it is drawn.
fn undoes(emitter: Emitter<'_>, compensation: &Node) -> String {
    let name = |&step: &NodeIx| docs::name(&emitter.model[step]);
    let steps: Vec<String> = compensation.undoes.iter().map(name).collect();
    let location =
        emitter.location(compensation.label.span).map(|location| format!(", {location}")).unwrap_or_default();
    format!("`{}` undoes {}{location}", compensation.names.method, steps.join(" and "))
}

fn method(emitter: Emitter<'_>, node: &Node) -> TokenStream {
    let about = docs::comment(&docs::node(emitter.model, node));
    let location = emitter.location_of_method(node);
    let name = emitter.method(node);
    let span = name.span();
    let says = match node.kind {
        Kind::Decision => {
            let decision = format_ident!("{}", node.names.type_name, span = span);
            quote_spanned!(span=> Result<#decision>)
        }
        _ if node.undone_by.is_some() => quote_spanned!(span=> Result<Effect>),
        _ => quote_spanned!(span=> Result),
    };
    let context = if node.kind == Kind::Decision {
        quote_spanned!(span=> cx: &Cx)
    } else {
        quote_spanned!(span=> cx: &mut Cx)
    };
    let allowance = attributes::method(&node.names.method);
    quote_spanned! {span=>
        #about
        #location
        #allowance
        fn #name(
            &self,
            #context,
            visit: &Visit,
        ) -> impl ::core::future::Future<Output = #says> + ::core::marker::Send;
    }
}
