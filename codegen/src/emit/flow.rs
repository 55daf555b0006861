//! `Flow`: the services of all lanes, and the driver that follows the drawing.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote, quote_spanned};

use super::arms::Arms;
use super::{Emitter, attributes, circles, data, decision, docs};
use crate::model::{Arrow, Kind, LaneIx, Model, Node, NodeIx};

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
    let methods = match (&emitter.model.data, &emitter.model.starts[..]) {
        (_, []) => return TokenStream::new(),
        (Some(data), _) => data::starts::methods(emitter, data, &where_clause(&bounds(emitter))),
        (None, &[start]) => from_one_start(emitter, start),
        (None, _) => from_any_start(emitter),
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
    let start = circles::index(start);
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

fn where_clause(bounds: &TokenStream) -> TokenStream {
    if bounds.is_empty() { TokenStream::new() } else { quote!(where #bounds) }
}

/// What the context and each lane have to be.
fn bounds(emitter: Emitter<'_>) -> TokenStream {
    let Emitter { runtime, .. } = emitter;
    let has_context = emitter.model.data.is_none();
    let cx = |span| has_context.then(|| quote_spanned!(span=> <Cx>));
    let context = has_context.then(|| quote!(Cx: ::core::marker::Send,));
    let fork = emitter.first_fork().filter(|_| has_context).map(|fork| {
        let at = (emitter.spans)(fork.label.span);
        quote_spanned!(at=> Cx: #runtime::Fork,)
    });
    let lanes = emitter.served_lanes().map(|lane| {
        let (service, module) = (emitter.lane_type(lane), emitter.module(lane));
        let compensation = emitter.compensates(lane).then(|| {
            let compensation = emitter.compensation_trait(lane);
            let module = emitter.ident(&emitter.model[lane].module, emitter.compensated_at(lane));
            let cx = cx(compensation.span());
            quote_spanned!(compensation.span()=> + #module::#compensation #cx)
        });
        let cx = cx(service.span());
        quote_spanned!(service.span()=> #service: #module::#service #cx #compensation)
    });
    quote!(#context #fork #(#lanes,)*)
}

fn driver(emitter: Emitter<'_>) -> TokenStream {
    let Emitter { runtime, model, .. } = emitter;
    let services = services(emitter);
    let bounds = where_clause(&bounds(emitter));
    let arms = arms(emitter);
    let attributes = attributes::function(model.indices().map(|node| lines(model, node)).sum());
    let calls = |node: &Node| node.is_implemented();
    let is_called = model.nodes.iter().any(calls);
    let uses_cx = model.data.as_ref().map_or(is_called, |data| data::step::uses_store(emitter, data));
    let name_if = |is_used: bool, name: &str| {
        let name = format_ident!("{name}");
        if is_used { quote!(#name) } else { quote!(_) }
    };
    let (cx, visit) = (name_if(uses_cx, "cx"), name_if(is_called, "visit"));
    let inputs = model
        .data
        .as_ref()
        .filter(|data| data::step::uses_inputs(emitter, data))
        .map(|_| quote!(let given = #runtime::data::Inputs::new(cx, visit);));
    let says_effect = model.data.as_ref().is_some_and(|data| data::step::says_effect(model, data));
    let effect = says_effect.then(|| quote!(use #runtime::Effect;));
    let (context, parameter) = match &model.data {
        None => (quote!(Cx), Some(quote!(Cx,))),
        Some(_) => (quote!(#runtime::data::Data<Value>), None),
    };
    let fork = match &model.data {
        Some(_) => fork_values(runtime),
        None if emitter.first_fork().is_some() => fork(runtime),
        None => no_fork(),
    };
    let optional_items = optional_items(emitter);
    quote! {
        impl<#parameter #(#services),*> #runtime::Flow<#context> for Flow<#(#services),*>
        #bounds
        {
            type Node = Node;

            #attributes
            async fn step(
                &self,
                at: Node,
                #cx: &mut #context,
                #visit: &#runtime::Visit,
            ) -> #runtime::Result<#runtime::Next<Node>> {
                #effect
                use #runtime::Next;

                #inputs
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
    let cx = model.data.is_none().then(|| quote!(::<Cx>));
    let ways =
        (!model.starts.is_empty()).then(|| quote!(let _ = (Self::run #cx, Self::runner, Self::into_runner);));
    let starts = match &model.data {
        None => circles::optional_starts(emitter, "Start"),
        Some(data) => data::starts::optional_items(emitter, data),
    };
    quote! {
        /// Uses the items that a program may leave unused.
        fn optional_items() {
            #ways
            #starts
            let _ = [#(Lane::#lanes),*];
        }
    }
}

/// The values of a typed flow: a copy shares them.
fn fork_values(runtime: &TokenStream) -> TokenStream {
    quote! {
        fn fork(
            cx: &#runtime::data::Data<Value>,
        ) -> ::core::option::Option<#runtime::data::Data<Value>> {
            ::core::option::Option::Some(::core::clone::Clone::clone(cx))
        }

        fn join(cx: &mut #runtime::data::Data<Value>, branch: #runtime::data::Data<Value>) {
            cx.join(branch);
        }

        fn retain(
            cx: &mut #runtime::data::Data<Value>,
            is_needed: &dyn ::core::ops::Fn(#runtime::data::ValueId) -> bool,
        ) {
            cx.retain(is_needed);
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
    for at in emitter.model.indices() {
        let node = &emitter.model[at];
        let variant = emitter.variant(node);
        let (body, is_shared) = match (node.kind, &emitter.model.data) {
            (Kind::Start | Kind::End | Kind::Milestone, _) => (next(emitter, node), true),
            (_, Some(data)) => {
                let is_answered = node.kind == Kind::Decision && data::answered_by(data, at).is_some();
                (data::step::body(emitter, data, at, &next(emitter, node)), is_answered)
            }
            (Kind::Decision, None) => (decision_body(emitter, node), false),
            (Kind::Step | Kind::Task, None) => (step_body(emitter, node), false),
        };
        arms.push(quote!(Node::#variant), body, is_shared);
    }
    arms.tokens()
}

/// About how many lines a node's arm has.
fn lines(model: &Model, at: NodeIx) -> usize {
    let node = &model[at];
    let data = model.data.as_ref().map_or(0, |data| data::step::lines(model, data, at));
    data + match node.kind {
        Kind::Start | Kind::End | Kind::Milestone => 1,
        Kind::Decision => 4 + 3 * node.next.len(),
        Kind::Step | Kind::Task if node.undone_by.is_some() => 12,
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
