//! A lane: a module with its trait, its decisions, and what it undoes.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};

use super::{Emitter, decision, docs};
use crate::model::{Kind, LaneIx, Node, NodeIx};

pub(super) fn module(emitter: Emitter<'_>, lane: LaneIx) -> TokenStream {
    let about = docs::comment(&format!("The lane {}.", docs::code(&emitter.model[lane].label.text)));
    let module = emitter.module(lane);
    let is_decision = |node: &&Node| node.kind == Kind::Decision;
    let decisions = nodes(emitter, lane).filter(is_decision).map(|node| decision::enumeration(emitter, node));
    let service = service_trait(emitter, lane);
    let compensation = emitter.compensates(lane).then(|| compensation_trait(emitter, lane));
    quote! {
        #about
        #[allow(unreachable_pub)]
        pub mod #module {
            #(#decisions)*
            #service
            #compensation
        }
    }
}

fn nodes(emitter: Emitter<'_>, lane: LaneIx) -> impl Iterator<Item = &Node> {
    emitter.implemented(lane).map(move |node| &emitter.model[node]).collect::<Vec<_>>().into_iter()
}

fn service_trait(emitter: Emitter<'_>, lane: LaneIx) -> TokenStream {
    let label = docs::code(&emitter.model[lane].label.text);
    let about = docs::comment(&format!("What the lane {label} does."));
    let name = emitter.lane_type(lane);
    let unserved = format!("`{{Self}}` does not serve the lane {label}");
    let wanted = format!("the lane {label} wants `{}::{name}<{{Cx}}>`", emitter.model[lane].module);
    let steps = nodes(emitter, lane).filter(|node| !node.is_compensation());
    let methods: Vec<TokenStream> = steps.map(|node| method(emitter, node)).collect();
    quote_spanned! {name.span()=>
        #about
        #[diagnostic::on_unimplemented(message = #unserved, label = #wanted)]
        pub trait #name<Cx>: ::core::marker::Sync {
            #(#methods)*
        }
    }
}

fn compensation_trait(emitter: Emitter<'_>, lane: LaneIx) -> TokenStream {
    let label = docs::code(&emitter.model[lane].label.text);
    let module = &emitter.model[lane].module;
    let about = docs::comment(&format!("What the lane {label} undoes when the flow is rolled back."));
    let service = emitter.lane_type(lane);
    let unserved = format!("`{{Self}}` cannot undo what the lane {label} has to undo");
    let wanted = format!("the rollback wants `{module}::Compensation<{{Cx}}>`");
    let compensations: Vec<&Node> = nodes(emitter, lane).filter(|node| node.is_compensation()).collect();
    let pairs: Vec<String> = compensations.iter().map(|node| undoes(emitter, node)).collect();
    let note = format!("implement `{module}::Compensation<{{Cx}}>` for `{{Self}}`: {}", pairs.join("; "));
    let methods: Vec<TokenStream> = compensations.iter().map(|node| method(emitter, node)).collect();
    let name = emitter.compensation_trait(lane);
    quote_spanned! {name.span()=>
        #about
        #[diagnostic::on_unimplemented(message = #unserved, label = #wanted, note = #note)]
        pub trait #name<Cx>: #service<Cx> {
            #(#methods)*
        }
    }
}

/// `` `cancel_order` undoes `Create order record` (n7) ``
fn undoes(emitter: Emitter<'_>, compensation: &Node) -> String {
    let name = |&step: &NodeIx| docs::name(&emitter.model[step]);
    let steps: Vec<String> = compensation.undoes.iter().map(name).collect();
    format!("`{}` undoes {}", compensation.names.method, steps.join(" and "))
}

fn method(emitter: Emitter<'_>, node: &Node) -> TokenStream {
    let Emitter { runtime, .. } = emitter;
    let about = docs::comment(&docs::node(emitter.model, node));
    let name = emitter.method(node);
    let span = name.span();
    let says = match node.kind {
        Kind::Decision => {
            let decision = format_ident!("{}", node.names.type_name, span = span);
            quote_spanned!(span=> #runtime::Result<#decision>)
        }
        _ if node.undone_by.is_some() => quote_spanned!(span=> #runtime::Result<#runtime::Effect>),
        _ => quote_spanned!(span=> #runtime::Result),
    };
    let takes = if node.kind == Kind::Decision {
        quote_spanned!(span=> cx: &Cx)
    } else {
        quote_spanned!(span=> cx: &mut Cx, visit: &#runtime::Visit)
    };
    let allowance = allowance(&node.names.method);
    quote_spanned! {span=>
        #about
        #allowance
        fn #name(
            &self,
            #takes
        ) -> impl ::core::future::Future<Output = #says> + ::core::marker::Send;
    }
}

/// A step called `Into storage` converts nothing, whatever clippy thinks of its name.
fn allowance(method: &str) -> Option<TokenStream> {
    let sounds_like_conversion =
        method == "new" || method.starts_with("from_") || method.starts_with("into_");
    sounds_like_conversion.then(|| quote!(#[allow(clippy::wrong_self_convention)]))
}
