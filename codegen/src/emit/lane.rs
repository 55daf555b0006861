//! A lane: a module with its trait, its decisions and its compensations.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};

use super::{Emitter, attributes, data, decision, docs, inquiry};
use crate::model::data::Gives;
use crate::model::{Kind, LaneIx, Model, Node, NodeIx};

pub(super) fn module(emitter: Emitter<'_>, lane: LaneIx) -> TokenStream {
    let about = docs::comment(&format!("The lane {}.", docs::code(&emitter.model[lane].label.text)));
    let module = emitter.module(lane);
    let is_decision = |node: &NodeIx| emitter.model[*node].kind == Kind::Decision;
    let decisions = emitter.implemented(lane).filter(is_decision).map(|node| outcomes(emitter, node));
    let data = emitter.model.data.as_ref();
    let takes = data.map(|data| data::takes::module(emitter, data, lane));
    let undoes = data.map(|data| data::undo::module(emitter, data, lane));
    let imports = imports(emitter, lane);
    let service = service_trait(emitter, lane);
    let compensation = emitter.compensates(lane).then(|| compensation_trait(emitter, lane));
    let visibility = emitter.visibility();
    quote! {
        #about
        #visibility mod #module {
            #imports
            #takes
            #undoes
            #(#decisions)*
            #service
            #compensation
        }
    }
}

/// The enum of a decision.
fn outcomes(emitter: Emitter<'_>, node: NodeIx) -> TokenStream {
    let step = emitter.model.data.as_ref().and_then(|data| Some((data, data::answered_by(data, node)?)));
    step.and_then(|(data, step)| data::outcomes::enumeration(emitter, data, step))
        .unwrap_or_else(|| decision::enumeration(emitter, &emitter.model[node]))
}

/// The names of the runtime that the methods of the lane use. No decision is called like one of them.
fn imports(emitter: Emitter<'_>, lane: LaneIx) -> TokenStream {
    let Emitter { runtime, model, .. } = emitter;
    let is_compensable = emitter.implemented(lane).any(|node| model[node].undone_by.is_some());
    let did_or_effect =
        is_compensable.then(|| if model.data.is_some() { quote!(Did,) } else { quote!(Effect,) });
    // A compensation of several steps has an enum of its own.
    let undoes_one = |node: NodeIx| model[node].undoes.len() == 1;
    let undo = (model.data.is_some() && emitter.implemented(lane).any(undoes_one))
        .then(|| quote!(use #runtime::data::Undo;));
    quote! {
        #undo
        use #runtime::{#did_or_effect Result, Visit};
    }
}

/// The nodes with a method of their own: a step answers its decision.
fn methods(emitter: Emitter<'_>, lane: LaneIx) -> Vec<NodeIx> {
    let is_answered = |node: NodeIx| {
        emitter.model.data.as_ref().is_some_and(|data| data::answered_by(data, node).is_some())
    };
    emitter.implemented(lane).filter(|&node| !is_answered(node)).collect()
}

/// `<Cx>`, and as messages write it. A typed flow has no context type.
fn context(emitter: Emitter<'_>, span: Span) -> (Option<TokenStream>, &'static str) {
    if emitter.model.data.is_some() { (None, "") } else { (Some(quote_spanned!(span=> <Cx>)), "<{Cx}>") }
}

fn service_trait(emitter: Emitter<'_>, at: LaneIx) -> TokenStream {
    let lane = &emitter.model[at];
    let label = docs::code(&lane.label.text);
    let verbatim_label = docs::verbatim(&label);
    let about = docs::comment(&format!("The service for the lane {label}."));
    let name = emitter.lane_type(at);
    let (cx, cx_text) = context(emitter, name.span());
    let visibility = emitter.visibility_of(&name);
    let unserved = format!("`{{Self}}` does not serve the lane {verbatim_label}");
    let wanted = format!("the lane {verbatim_label} needs `{}::{name}{cx_text}`", lane.module);
    let is_step = |node: &NodeIx| !emitter.model[*node].is_compensation();
    let steps = methods(emitter, at).into_iter().filter(is_step);
    let methods: Vec<TokenStream> = steps.map(|node| method(emitter, node)).collect();
    let diagnostic = emitter.settings.diagnostic_attributes.then(|| {
        let note = emitter.location(lane.name.span).map(|location| {
            let note = format!("the lane is drawn at {}", docs::verbatim(&location));
            quote!(, note = #note)
        });
        quote!(#[diagnostic::on_unimplemented(message = #unserved, label = #wanted #note)])
    });
    quote_spanned! {name.span()=>
        #about
        #diagnostic
        #visibility trait #name #cx: ::core::marker::Sync {
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
        format!("`{{Self}}` does not implement the compensations of the lane {}", docs::verbatim(&label));
    let name = emitter.compensation_trait(lane);
    let (cx, cx_text) = context(emitter, name.span());
    let wanted = format!("the rollback needs `{module}::Compensation{cx_text}`");
    let is_compensation = |node: &NodeIx| emitter.model[*node].is_compensation();
    let compensations: Vec<NodeIx> = emitter.implemented(lane).filter(is_compensation).collect();
    let pair = |node: &NodeIx| docs::verbatim(&undoes(emitter, &emitter.model[*node]));
    let pairs: Vec<String> = compensations.iter().map(pair).collect();
    let note = format!("implement `{module}::Compensation{cx_text}` for `{{Self}}`: {}", pairs.join("; "));
    let methods: Vec<TokenStream> = compensations.iter().map(|&node| method(emitter, node)).collect();
    let visibility = emitter.visibility_of(&name);
    let diagnostic = emitter
        .settings
        .diagnostic_attributes
        .then(|| quote!(#[diagnostic::on_unimplemented(message = #unserved, label = #wanted, note = #note)]));
    quote_spanned! {name.span()=>
        #about
        #diagnostic
        #visibility trait #name #cx: #service #cx {
            #(#methods)*
        }
    }
}

/// `` `cancel_order` undoes `Create order record` (n7) ``, and where it is drawn.
fn undoes(emitter: Emitter<'_>, compensation: &Node) -> String {
    let name = |&step: &NodeIx| docs::name(&emitter.model[step]);
    let steps: Vec<String> = compensation.undoes.iter().map(name).collect();
    let location =
        emitter.location(compensation.label.span).map(|location| format!(", {location}")).unwrap_or_default();
    format!("`{}` undoes {}{location}", compensation.names.method, steps.join(" and "))
}

/// The method of a node, and if it is compensable, the method that answers whether it was done.
fn method(emitter: Emitter<'_>, at: NodeIx) -> TokenStream {
    let node = &emitter.model[at];
    let about = docs::comment(&about_method(emitter.model, at));
    let location = emitter.location_of_method(node);
    let name = emitter.method(node);
    let span = name.span();
    let inputs = match &emitter.model.data {
        None if node.kind == Kind::Decision => quote_spanned!(span=> cx: &Cx,),
        None => quote_spanned!(span=> cx: &mut Cx,),
        Some(data) => {
            let undo = data::undo::parameter(emitter, data, at);
            let takes = data::takes::parameter(emitter, data, at);
            quote!(#undo #takes)
        }
    };
    let output = output(emitter, at, span);
    let allowance = attributes::method(&node.names.method);
    let inquiry = match &emitter.model.data {
        Some(data) if node.undone_by.is_some() => Some(inquiry::method(emitter, data, at)),
        _ => None,
    };
    quote_spanned! {span=>
        #about
        #location
        #allowance
        fn #name(
            &self,
            #inputs
            visit: &Visit,
        ) -> impl ::core::future::Future<Output = #output> + ::core::marker::Send;

        #inquiry
    }
}

/// What a method does: its node, and what it takes and gives.
fn about_method(model: &Model, at: NodeIx) -> String {
    let mut text = docs::node(model, &model[at]);
    if let Some(declared) = &model.data {
        let sentences = [data::about_takes(declared, at), data::about_gives(model, declared, at)];
        let sentences: Vec<String> = sentences.into_iter().flatten().collect();
        if !sentences.is_empty() {
            text += "\n\n";
            text += &sentences.join(" ");
        }
    }
    text
}

/// What a method returns.
fn output(emitter: Emitter<'_>, at: NodeIx, span: Span) -> TokenStream {
    let node = &emitter.model[at];
    let enumeration = |decision: &Node| {
        let decision = format_ident!("{}", decision.names.type_name, span = span);
        quote_spanned!(span=> Result<#decision>)
    };
    if node.kind == Kind::Decision {
        return enumeration(node);
    }
    match emitter.model.data.as_ref().map(|data| (data, data.gives(at))) {
        None if node.undone_by.is_some() => quote_spanned!(span=> Result<Effect>),
        Some((data, Gives::Value(name))) => {
            let value = emitter.value_type_in_lane(data, *name);
            quote_spanned!(span=> Result<#value>)
        }
        Some((_, Gives::Outcomes { decision, .. })) => enumeration(&emitter.model[*decision]),
        None | Some((_, Gives::Nothing)) => quote_spanned!(span=> Result),
    }
}
