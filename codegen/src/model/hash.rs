//! A hash of what a drawing means.

use super::{Arrow, Model, Node, NodeIx};

/// Equal for drawings that mean the same, in whatever order they are written down.
///
/// Every saved run carries it. FNV-1a, 64 bits (Fowler, Noll, Vo), over a canonical text: it has to
/// be the same on every machine and in every version, and need not withstand an attacker.
#[must_use]
pub fn meaning_hash(model: &Model) -> u64 {
    let mut texts: Vec<String> = model.nodes.iter().map(|node| meaning(model, node)).collect();
    texts.extend(model.loops.iter().map(|bounded| {
        let nodes = bounded.nodes.iter().map(|&node| id(model, node));
        format!("loop {:?} {} {:?}", bounded.bound, id(model, bounded.head), sorted(nodes))
    }));
    texts.sort_unstable();
    texts
        .iter()
        .flat_map(|text| text.bytes().chain([0]))
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

fn meaning(model: &Model, node: &Node) -> String {
    format!(
        "{} {:?} {:?} in {} next {:?} sends {:?} join {:?} undoes {:?}",
        node.id.text,
        node.kind,
        node.label.text,
        model[node.lane].name.text,
        arrows(model, &node.next),
        arrows(model, &node.sends),
        node.join.map(|join| id(model, join)),
        sorted(node.undoes.iter().map(|&step| id(model, step))),
    )
}

fn arrows<'a>(model: &'a Model, arrows: &'a [Arrow]) -> Vec<(&'a str, &'a str)> {
    let mut arrows: Vec<_> =
        arrows.iter().map(|arrow| (id(model, arrow.to), arrow.outcome.as_str())).collect();
    arrows.sort_unstable();
    arrows
}

fn id(model: &Model, node: NodeIx) -> &str {
    &model[node].id.text
}

fn sorted<'a>(ids: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut ids: Vec<&str> = ids.collect();
    ids.sort_unstable();
    ids
}
