//! `Flow`: who serves each lane, and the driver that walks the drawing.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};

use super::{Emitter, decision, docs, plan};
use crate::model::{Arrow, Kind, Node, NodeIx};

pub(super) fn items(emitter: Emitter<'_>) -> TokenStream {
    let structure = structure(emitter);
    let inherent = inherent(emitter);
    let driver = driver(emitter);
    quote! {
        #structure
        #inherent
        #driver
    }
}

/// The lanes that somebody serves: the type parameters of `Flow`.
fn services(emitter: Emitter<'_>) -> Vec<Ident> {
    emitter.served_lanes().map(|lane| emitter.lane_type(lane)).collect()
}

fn structure(emitter: Emitter<'_>) -> TokenStream {
    let services = services(emitter);
    let fields = emitter.served_lanes().map(|lane| emitter.module(lane));
    let abouts = emitter.served_lanes().map(|lane| {
        docs::comment(&format!("Serves the lane {}.", docs::code(&emitter.model[lane].label.text)))
    });
    quote! {
        /// The workflow, with whoever serves each of its lanes.
        #[derive(Clone, Copy, Debug, Default)]
        #[allow(unreachable_pub, clippy::struct_field_names)]
        pub struct Flow<#(#services),*> {
            #(#abouts pub #fields: #services,)*
        }
    }
}

fn inherent(emitter: Emitter<'_>) -> TokenStream {
    let services = services(emitter);
    let methods = match emitter.model.starts[..] {
        [start] => from_one_start(emitter, start),
        [] => TokenStream::new(),
        _ => from_any_start(emitter),
    };
    quote! {
        #[allow(dead_code, unreachable_pub, reason = "a program may run its flow in one way only")]
        impl<#(#services),*> Flow<#(#services),*> {
            #methods
        }
    }
}

fn from_one_start(emitter: Emitter<'_>, start: NodeIx) -> TokenStream {
    let Emitter { runtime, model, .. } = emitter;
    let about = docs::comment(&format!("Runs the flow once, from {}.", docs::name(&model[start])));
    let run = emitter.ident("run", model[start].label.span);
    let start = plan::index(start);
    let bounds = bounds(emitter);
    quote! {
        #about
        pub fn #run<'r, Cx>(&'r self, cx: Cx) -> #runtime::Running<'r, Node, Cx>
        where
            Cx: 'r,
            #bounds
        {
            #runtime::Runner::run_once(self, #start, cx)
        }

        /// Runs the flow with retries, timeouts, limits, observers, or under ids of your own.
        pub const fn runner(&self) -> #runtime::Runner<&Self> {
            #runtime::Runner::new(self, #start)
        }

        /// The same, with a runner that owns the flow: for engines and servers.
        pub fn into_runner(self) -> #runtime::Runner<Self> {
            #runtime::Runner::new(self, #start)
        }
    }
}

fn from_any_start(emitter: Emitter<'_>) -> TokenStream {
    let Emitter { runtime, .. } = emitter;
    let bounds = bounds(emitter);
    quote! {
        /// Runs the flow once, from this start.
        pub fn run<'r, Cx>(&'r self, start: Start, cx: Cx) -> #runtime::Running<'r, Node, Cx>
        where
            Cx: 'r,
            #bounds
        {
            #runtime::Runner::run_once(self, start as u32, cx)
        }

        /// Runs the flow with retries, timeouts, limits, observers, or under ids of your own.
        pub const fn runner(&self, start: Start) -> #runtime::Runner<&Self> {
            #runtime::Runner::new(self, start as u32)
        }

        /// The same, with a runner that owns the flow: for engines and servers.
        pub fn into_runner(self, start: Start) -> #runtime::Runner<Self> {
            #runtime::Runner::new(self, start as u32)
        }
    }
}

/// What the context and each lane have to be.
fn bounds(emitter: Emitter<'_>) -> TokenStream {
    let Emitter { runtime, .. } = emitter;
    let fork = emitter.first_fork().map(|fork| {
        let at = (emitter.spans)(fork.label.span);
        quote_spanned!(at=> Cx: #runtime::Fork,)
    });
    let lanes = emitter.served_lanes().map(|lane| {
        let (service, module) = (emitter.lane_type(lane), emitter.module(lane));
        let compensation = emitter.compensates(lane).then(|| {
            let compensation = emitter.compensation_trait(lane);
            let module = emitter.ident(&emitter.model[lane].module, emitter.compensated_at(lane));
            quote_spanned!(compensation.span()=> + #module::#compensation<Cx>)
        });
        quote_spanned!(service.span()=> #service: #module::#service<Cx> #compensation)
    });
    quote!(Cx: ::core::marker::Send, #fork #(#lanes,)*)
}

fn driver(emitter: Emitter<'_>) -> TokenStream {
    let Emitter { runtime, .. } = emitter;
    let services = services(emitter);
    let bounds = bounds(emitter);
    let arms = emitter.all_nodes().map(|node| arm(emitter, &emitter.model[node]));
    let fork = if emitter.first_fork().is_some() { fork(runtime) } else { no_fork() };
    quote! {
        impl<Cx, #(#services),*> #runtime::Flow<Cx> for Flow<#(#services),*>
        where
            #bounds
        {
            type Node = Node;

            #[allow(unused_variables, clippy::too_many_lines, clippy::match_same_arms)]
            async fn step(
                &self,
                at: Node,
                cx: &mut Cx,
                visit: &#runtime::Visit,
            ) -> #runtime::Result<#runtime::Next<Node>> {
                use #runtime::Next;

                ::core::result::Result::Ok(match at {
                    #(#arms)*
                })
            }

            #fork
        }
    }
}

fn fork(runtime: &TokenStream) -> TokenStream {
    quote! {
        fn fork(cx: &Cx) -> ::core::option::Option<Cx> {
            ::core::option::Option::Some(#runtime::Fork::fork(cx))
        }

        fn join(cx: &mut Cx, branch: Cx) {
            #runtime::Fork::join(cx, branch);
        }
    }
}

/// A drawing without forks and messages needs no copy of a context, so that the context need not say how.
fn no_fork() -> TokenStream {
    quote! {
        fn fork(_: &Cx) -> ::core::option::Option<Cx> {
            ::core::option::Option::None
        }

        fn join(_: &mut Cx, _: Cx) {}
    }
}

/// What is done at one node, and which node is next.
fn arm(emitter: Emitter<'_>, node: &Node) -> TokenStream {
    let variant = emitter.variant(node);
    match node.kind {
        Kind::Start | Kind::End | Kind::Milestone => {
            let next = next(emitter, node);
            quote!(Node::#variant => #next,)
        }
        Kind::Decision => {
            let call = call(emitter, node);
            let arms = node.next.iter().map(|arrow| outcome_arm(emitter, node, arrow));
            quote!(Node::#variant => match #call(cx).await? { #(#arms)* },)
        }
        Kind::Step | Kind::Task => {
            let body = step_body(emitter, node);
            quote!(Node::#variant => { #body })
        }
    }
}

fn step_body(emitter: Emitter<'_>, node: &Node) -> TokenStream {
    let (call, next) = (call(emitter, node), next(emitter, node));
    if node.undone_by.is_some() {
        quote! {
            let effect = #call(cx, visit).await?;
            #next.after(effect)
        }
    } else {
        quote! {
            #call(cx, visit).await?;
            #next
        }
    }
}

/// The method of the lane's service that stands for a node.
fn call(emitter: Emitter<'_>, node: &Node) -> TokenStream {
    let (service, method) = (emitter.module(node.lane), emitter.method(node));
    quote!(self.#service.#method)
}

fn outcome_arm(emitter: Emitter<'_>, node: &Node, arrow: &Arrow) -> TokenStream {
    let (module, decision) = (emitter.module(node.lane), emitter.decision_type(node));
    let outcome = decision::outcome(emitter, arrow);
    let target = emitter.variant(&emitter.model[arrow.to]);
    quote!(#module::#decision::#outcome => Next::to(Node::#target),)
}

fn next(emitter: Emitter<'_>, node: &Node) -> TokenStream {
    let target = |arrow: &Arrow| emitter.variant(&emitter.model[arrow.to]);
    let targets: Vec<Ident> = node.next.iter().map(target).collect();
    match &targets[..] {
        [] => quote!(Next::end()),
        [target] => quote!(Next::to(Node::#target)),
        branches => quote!(Next::fork(&[#(Node::#branches),*])),
    }
}
