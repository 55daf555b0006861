//! `Flow`: the services of all lanes, and the driver that follows the drawing.

use std::collections::BTreeMap;

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{quote, quote_spanned};

use super::{Emitter, attributes, decision, docs, plan};
use crate::model::{Arrow, Kind, LaneIx, Node, NodeIx};

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

/// The lanes with a method: the type parameters of `Flow`.
fn services(emitter: Emitter<'_>) -> Vec<Ident> {
    emitter.served_lanes().map(|lane| emitter.lane_type(lane)).collect()
}

fn structure(emitter: Emitter<'_>) -> TokenStream {
    let services = services(emitter);
    let fields: Vec<Ident> = emitter.served_lanes().map(|lane| emitter.module(lane)).collect();
    let abouts = emitter.served_lanes().map(|lane| {
        docs::comment(&format!("Serves the lane {}.", docs::code(&emitter.model[lane].label.text)))
    });
    let visibility = emitter.visibility();
    let attributes = attributes::flow(&fields);
    quote! {
        /// The workflow, with a service for each of its lanes.
        #attributes
        #visibility struct Flow<#(#services),*> {
            #(#abouts #visibility #fields: #services,)*
        }
    }
}

fn inherent(emitter: Emitter<'_>) -> TokenStream {
    let services = services(emitter);
    let methods = match emitter.model.starts[..] {
        [start] => from_one_start(emitter, start),
        [] => return TokenStream::new(),
        _ => from_any_start(emitter),
    };
    quote! {
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
    let visibility = emitter.visibility();
    quote! {
        #about
        #visibility fn #run<'r, Cx>(&'r self, cx: Cx) -> #runtime::Running<'r, Node, Cx>
        where
            Cx: 'r,
            #bounds
        {
            #runtime::Runner::run_once(self, #start, cx)
        }

        /// Runs the flow with retries, timeouts, limits, observers, or under ids of your own.
        #visibility const fn runner(&self) -> #runtime::Runner<&Self> {
            #runtime::Runner::new(self, #start)
        }

        /// The same, with a runner that owns the flow: for engines and servers.
        #visibility fn into_runner(self) -> #runtime::Runner<Self> {
            #runtime::Runner::new(self, #start)
        }
    }
}

fn from_any_start(emitter: Emitter<'_>) -> TokenStream {
    let Emitter { runtime, .. } = emitter;
    let bounds = bounds(emitter);
    let visibility = emitter.visibility();
    quote! {
        /// Runs the flow once, from this start.
        #visibility fn run<'r, Cx>(&'r self, start: Start, cx: Cx) -> #runtime::Running<'r, Node, Cx>
        where
            Cx: 'r,
            #bounds
        {
            #runtime::Runner::run_once(self, start as u32, cx)
        }

        /// Runs the flow with retries, timeouts, limits, observers, or under ids of your own.
        #visibility const fn runner(&self, start: Start) -> #runtime::Runner<&Self> {
            #runtime::Runner::new(self, start as u32)
        }

        /// The same, with a runner that owns the flow: for engines and servers.
        #visibility fn into_runner(self, start: Start) -> #runtime::Runner<Self> {
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
    let Emitter { runtime, model, .. } = emitter;
    let services = services(emitter);
    let bounds = bounds(emitter);
    let arms = arms(emitter);
    let attributes = attributes::function(model.nodes.iter().map(lines).sum());
    let calls = |node: &Node| node.is_implemented();
    let is_called = model.nodes.iter().any(calls);
    let [cx, visit] = if is_called { [quote!(cx), quote!(visit)] } else { [quote!(_), quote!(_)] };
    let fork = if emitter.first_fork().is_some() { fork(runtime) } else { no_fork() };
    let optional_items = optional_items(emitter);
    quote! {
        impl<Cx, #(#services),*> #runtime::Flow<Cx> for Flow<#(#services),*>
        where
            #bounds
        {
            type Node = Node;

            #attributes
            async fn step(
                &self,
                at: Node,
                #cx: &mut Cx,
                #visit: &#runtime::Visit,
            ) -> #runtime::Result<#runtime::Next<Node>> {
                use #runtime::Next;

                ::core::result::Result::Ok(match at {
                    #arms
                })
            }

            #fork
            #optional_items
        }
    }
}

/// A program uses one way to run its flow, and policies for few lanes. rustc would report the rest as dead.
fn optional_items(emitter: Emitter<'_>) -> TokenStream {
    let model = emitter.model;
    let lanes = (0..model.lanes.len()).map(|lane| emitter.lane_type(LaneIx(lane)));
    let ways = (!model.starts.is_empty())
        .then(|| quote!(let _ = (Self::run::<Cx>, Self::runner, Self::into_runner);));
    let starts = (model.starts.len() > 1).then(|| {
        let starts = model.starts.iter().map(|&start| emitter.variant(&model[start]));
        quote!(let _ = [#(Start::#starts),*];)
    });
    quote! {
        /// Uses the items that a program may leave unused.
        fn optional_items() {
            #ways
            #starts
            let _ = [#(Lane::#lanes),*];
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

/// The work of each node, and the node that is next. Circles that lead to the same node share an arm.
fn arms(emitter: Emitter<'_>) -> TokenStream {
    let mut arms = Arms::default();
    for node in &emitter.model.nodes {
        let variant = emitter.variant(node);
        let (body, is_shared) = match node.kind {
            Kind::Start | Kind::End | Kind::Milestone => (next(emitter, node), true),
            Kind::Decision => (decision_body(emitter, node), false),
            Kind::Step | Kind::Task => (step_body(emitter, node), false),
        };
        arms.push(quote!(Node::#variant), body, is_shared);
    }
    arms.tokens()
}

/// Arms of a `match`, in the order in which their bodies came first.
#[derive(Default)]
struct Arms {
    arms: Vec<(Vec<TokenStream>, TokenStream)>,
    by_body: BTreeMap<String, usize>,
}

impl Arms {
    /// Adds an arm, or, if its body may be shared, adds its pattern to the arm with the same body.
    fn push(&mut self, pattern: TokenStream, body: TokenStream, is_shared: bool) {
        let next = self.arms.len();
        let at = if is_shared { *self.by_body.entry(body.to_string()).or_insert(next) } else { next };
        match self.arms.get_mut(at) {
            Some((patterns, _)) => patterns.push(pattern),
            None => self.arms.push((vec![pattern], body)),
        }
    }

    fn tokens(&self) -> TokenStream {
        self.arms.iter().map(|(patterns, body)| quote!(#(#patterns)|* => #body,)).collect()
    }
}

/// About how many lines a node's arm has.
fn lines(node: &Node) -> usize {
    match node.kind {
        Kind::Start | Kind::End | Kind::Milestone => 1,
        Kind::Decision => 4 + 3 * node.next.len(),
        Kind::Step | Kind::Task if node.undone_by.is_some() => 7,
        Kind::Step | Kind::Task => 4,
    }
}

fn decision_body(emitter: Emitter<'_>, node: &Node) -> TokenStream {
    let (module, decision) = (emitter.module(node.lane), emitter.decision_type(node));
    let mut arms = Arms::default();
    for (nth, arrow) in node.next.iter().enumerate() {
        let outcome = decision::outcome(emitter, arrow);
        let target = emitter.variant(&emitter.model[arrow.to]);
        let nth = Literal::usize_unsuffixed(nth);
        arms.push(quote!(#module::#decision::#outcome), quote!(Next::to(Node::#target).outcome(#nth)), false);
    }
    let (call, arms) = (call(emitter, node), arms.tokens());
    quote!(match #call.await? { #arms })
}

fn step_body(emitter: Emitter<'_>, node: &Node) -> TokenStream {
    let (call, next) = (call(emitter, node), next(emitter, node));
    if node.undone_by.is_some() {
        quote!({
            let effect = #call.await?;
            #next.with_effect(effect)
        })
    } else {
        quote!({
            #call.await?;
            #next
        })
    }
}

/// The call of the method of the lane's service that implements a node.
fn call(emitter: Emitter<'_>, node: &Node) -> TokenStream {
    let (service, method) = (emitter.module(node.lane), emitter.method(node));
    quote!(self.#service.#method(cx, visit))
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
