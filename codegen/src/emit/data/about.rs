//! What the documentation says about data.

use super::super::docs;
use crate::model::data::{Data, Gives, NameIx, Take};
use crate::model::{Model, NodeIx};

/// `` `Reserve` (n3) for `Yes` or `Reserve again` (n7) ``
pub(super) fn givers(model: &Model, data: &Data, name: NameIx) -> String {
    let givers: Vec<String> = data.names[name.0]
        .givers
        .iter()
        .map(|&(giver, outcome)| {
            let decision = data.gives(giver).decision();
            let arrow = decision.zip(outcome).and_then(|(decision, at)| model[decision].next.get(at));
            let outcome = arrow.map(|arrow| format!(" for {}", docs::code(&arrow.outcome)));
            docs::name(&model[giver]) + &outcome.unwrap_or_default()
        })
        .collect();
    if givers.is_empty() { "no node".to_owned() } else { givers.join(" or ") }
}

/// `` `order`, which `Order received` (n1) gives ``
pub(super) fn name(model: &Model, data: &Data, name: NameIx) -> String {
    let text = docs::code(&data.names[name.0].name.text);
    format!("{text}, which {} gives", givers(model, data, name))
}

/// An input, as the documentation of its field.
pub(super) fn input(model: &Model, data: &Data, take: Take) -> String {
    match take {
        Take::One(name) | Take::Moved(name) => format!("What {} gave.", givers(model, data, name)),
        Take::Optional(name) => format!("What {} gave, if it did.", givers(model, data, name)),
        Take::List(name) => format!("What the visits of {} gave so far.", givers(model, data, name)),
        Take::Cause => "Why the run rolls back.".to_owned(),
    }
}

/// What a method takes: `` Takes `order` and `reason?`. ``
pub(crate) fn takes(data: &Data, node: NodeIx) -> Option<String> {
    let text = |name: NameIx| data.names[name.0].name.text.as_str();
    let inputs: Vec<String> = data
        .takes(node)
        .iter()
        .map(|taken| match taken.take {
            Take::One(name) => docs::code(text(name)),
            Take::Optional(name) => docs::code(&format!("{}?", text(name))),
            Take::List(name) => docs::code(&format!("[{}]", text(name))),
            Take::Moved(name) => docs::code(&format!("take {}", text(name))),
            Take::Cause => docs::code("cause"),
        })
        .collect();
    (!inputs.is_empty()).then(|| format!("Takes {}.", and(&inputs)))
}

/// What a method gives: `` Gives `charge` for `Accepted` and `reason` for `Declined`. ``
pub(crate) fn gives(model: &Model, data: &Data, node: NodeIx) -> Option<String> {
    let text = |name: NameIx| docs::code(&data.names[name.0].name.text);
    let given: Vec<String> = match data.gives(node) {
        Gives::Nothing => Vec::new(),
        Gives::Value(name) => vec![text(*name)],
        Gives::Outcomes { decision, outcomes } => model[*decision]
            .next
            .iter()
            .zip(outcomes)
            .map(|(arrow, outcome)| {
                let value = outcome.name.map_or_else(|| "nothing".to_owned(), text);
                format!("{value} for {}", docs::code(&arrow.outcome))
            })
            .collect(),
    };
    (!given.is_empty()).then(|| format!("Gives {}.", and(&given)))
}

fn and(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [only] => only.clone(),
        [others @ .., last] => format!("{} and {last}", others.join(", ")),
    }
}
