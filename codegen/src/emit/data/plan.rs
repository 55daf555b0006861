//! What the plan says about data.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::super::circles;
use crate::model::NodeIx;
use crate::model::data::{Data, Gives, NameIx, Take};

/// The names, those that are taken as lists, and the cycles that limit lists.
pub(crate) fn tables(data: &Data) -> TokenStream {
    let names = data.names.iter().map(|name| &name.name.text);
    let lists: Vec<Literal> = lists(data).into_iter().map(name_index).collect();
    let lists = (!lists.is_empty()).then(|| quote!(.lists(&[#(#lists),*])));
    let cycles = cycles(data).into_iter().map(|cycle| {
        let nodes = data.cycles[cycle].iter().copied().map(circles::index);
        quote!(&[#(#nodes),*])
    });
    let cycles: Vec<_> = cycles.collect();
    let cycles = (!cycles.is_empty()).then(|| quote!(.cycles(&[#(#cycles),*])));
    quote!(.names(&[#(#names),*]) #lists #cycles)
}

/// What a node takes, gives and answers.
pub(crate) fn node(data: &Data, node: NodeIx) -> TokenStream {
    let cycles = cycles(data);
    let takes: Vec<TokenStream> =
        data.takes(node).iter().map(|taken| take(data, node, taken.take, &cycles)).collect();
    let takes = (!takes.is_empty()).then(|| quote!(.takes(&[#(#takes),*])));
    let gives = match data.gives(node) {
        Gives::Nothing => None,
        Gives::Value(name) => {
            let output = output(Some(*name), false);
            Some(quote!(.gives(&[#output])))
        }
        Gives::Outcomes { decision, outcomes } => {
            let outputs = outcomes.iter().map(|outcome| output(outcome.name, outcome.is_done));
            let decision = circles::index(*decision);
            Some(quote!(.gives(&[#(#outputs),*]).fused(#decision)))
        }
    };
    quote!(#takes #gives)
}

/// The names of the plan's module that the data needs.
pub(crate) fn imports(data: &Data) -> TokenStream {
    let output = data.nodes.values().any(|node| node.gives != Gives::Nothing).then(|| quote!(Output,));
    let take = data.nodes.values().any(|node| !node.takes.is_empty()).then(|| quote!(Take,));
    quote!(#output #take)
}

fn take(data: &Data, node: NodeIx, take: Take, cycles: &[usize]) -> TokenStream {
    match take {
        Take::One(name) => one(&quote!(One), name),
        Take::Optional(name) => one(&quote!(Optional), name),
        Take::Moved(name) => one(&quote!(ByValue), name),
        Take::Cause => quote!(Take::Cause),
        Take::List(name) => {
            let since = data.since(node, name).into_iter().filter_map(|(giver, cycle)| {
                let cycle = cycles.iter().position(|&listed| listed == cycle)?;
                let (giver, cycle) = (circles::index(giver), Literal::usize_unsuffixed(cycle));
                Some(quote!((#giver, #cycle)))
            });
            let name = name_index(name);
            quote!(Take::List { name: #name, since: &[#(#since),*] })
        }
    }
}

fn one(how: &TokenStream, name: NameIx) -> TokenStream {
    let name = name_index(name);
    quote!(Take::#how(#name))
}

fn output(name: Option<NameIx>, is_done: bool) -> TokenStream {
    let done = is_done.then(|| quote!(.done()));
    let name = if let Some(name) = name {
        let name = name_index(name);
        quote!(::core::option::Option::Some(#name))
    } else {
        quote!(::core::option::Option::None)
    };
    quote!(Output::new(#name)#done)
}

fn name_index(name: NameIx) -> Literal {
    Literal::usize_unsuffixed(name.0)
}

/// The names of which some node takes the list.
fn lists(data: &Data) -> Vec<NameIx> {
    let takes = data.nodes.values().flat_map(|node| &node.takes);
    let lists = takes.filter_map(|taken| match taken.take {
        Take::List(name) => Some(name),
        _ => None,
    });
    let mut lists: Vec<_> = lists.collect();
    lists.sort_unstable();
    lists.dedup();
    lists
}

/// The cycles that limit a list, by their index in the data.
fn cycles(data: &Data) -> Vec<usize> {
    let mut cycles = Vec::new();
    for (&node, declared) in &data.nodes {
        for taken in &declared.takes {
            if let Take::List(name) = taken.take {
                cycles.extend(data.since(node, name).into_iter().map(|(_, cycle)| cycle));
            }
        }
    }
    cycles.sort_unstable();
    cycles.dedup();
    cycles
}
