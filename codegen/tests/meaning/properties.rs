//! What holds for any drawing, however it was damaged.

use std::collections::HashSet;

use flowgen_codegen::model::{Kind, Model};
use flowgen_codegen::{Analysis, analyze};
use proptest::prelude::*;

use crate::support::sketch;

const LABELS: [&str; 14] = [
    "Create order",
    "Cancel order",
    "Refund payment",
    "Process payment",
    "Roll back",
    "Type",
    "3 strikes",
    "?!",
    "Shop",
    "Monitor status",
    "Monitor status n3",
    "создать заказ",
    "Result",
    "Self",
];
const ARROWS: [&str; 9] =
    ["", "", "", ": Yes", ": No", ": async: told", ": compensated by", ": Rollback", ": compensated by"];
const SHAPES: [&str; 4] = ["circle", "rectangle", "diamond", "taskbox"];

/// Any drawing of up to eight nodes, sense or nonsense.
fn drawing() -> impl Strategy<Value = String> {
    let node = (0..SHAPES.len(), 0..LABELS.len());
    let arrow = (1..10_usize, 1..10_usize, 0..ARROWS.len());
    let drawn_loop = prop::collection::vec(1..10_usize, 0..4);
    let nodes = prop::collection::vec(node, 1..9);
    let parts = (nodes, prop::collection::vec(arrow, 0..16), prop::collection::vec(drawn_loop, 0..3));
    parts.prop_map(|(nodes, arrows, loops)| {
        let nodes = nodes
            .iter()
            .enumerate()
            .map(|(at, &(shape, label))| format!("{} n{} {}", SHAPES[shape], at + 1, LABELS[label]));
        let arrows = arrows.iter().map(|&(from, to, label)| format!("n{from} -> n{to}{}", ARROWS[label]));
        let loops = loops.iter().map(|nodes| {
            let ids: Vec<_> = nodes.iter().map(|node| format!(" n{node}")).collect();
            format!("loop [up to 2 times]{}", ids.concat())
        });
        sketch(&nodes.chain(arrows).chain(loops).collect::<Vec<_>>().join("\n"))
    })
}

/// The invariants that stand at the head of the model.
fn hangs_together(text: &str, Analysis { model, findings, .. }: &Analysis) -> Result<(), TestCaseError> {
    for node in model.indices() {
        let arrows = model[node].next.iter().chain(&model[node].sends).map(|arrow| arrow.to);
        let named = arrows.chain(model[node].join).chain(model[node].undone_by);
        prop_assert!(named.clone().all(|node| node.0 < model.nodes.len()));
        prop_assert!(model[node].lane.0 < model.lanes.len());
        if let Some(compensation) = model[node].undone_by {
            prop_assert!(model[compensation].undoes.contains(&node) && !model[node].is_compensation());
        }
        prop_assert!(model[node].undoes.iter().all(|&step| model[step].undone_by == Some(node)));
        if model[node].kind != Kind::Decision {
            let targets: HashSet<_> = model[node].next.iter().map(|arrow| arrow.to).collect();
            prop_assert_eq!(targets.len(), model[node].next.len());
            prop_assert!(model[node].join.is_none_or(|join| !targets.contains(&join) && targets.len() > 1));
        }
    }
    for drawn in &model.loops {
        prop_assert!(drawn.nodes.is_sorted() && drawn.nodes.contains(&drawn.head));
    }
    prop_assert!(findings.iter().all(|finding| text.get(finding.span.range()).is_some()));
    Ok(())
}

fn identifier(name: &str) -> bool {
    syn::parse_str::<syn::Ident>(name).is_ok() && !name.contains("__")
}

fn unique<'n>(names: impl Iterator<Item = &'n String>) -> bool {
    let mut seen = HashSet::new();
    names.filter(|name| !name.is_empty()).all(|name| identifier(name) && seen.insert(name))
}

fn well_named(model: &Model) -> Result<(), TestCaseError> {
    prop_assert!(unique(model.lanes.iter().map(|lane| &lane.module)));
    prop_assert!(unique(model.lanes.iter().map(|lane| &lane.type_name)));
    prop_assert!(unique(model.nodes.iter().map(|node| &node.names.variant)));
    for (lane, of) in model.lanes.iter().enumerate() {
        let names = || model.nodes.iter().filter(|node| node.lane.0 == lane).map(|node| &node.names);
        prop_assert!(unique(names().map(|names| &names.method)));
        prop_assert!(unique(names().map(|names| &names.type_name).chain([&of.type_name])));
    }
    for node in &model.nodes {
        prop_assert!(!node.names.variant.is_empty());
        prop_assert_eq!(node.is_implemented(), !node.names.method.is_empty());
        prop_assert_eq!(node.kind == Kind::Decision, !node.names.type_name.is_empty());
        if node.kind == Kind::Decision {
            prop_assert!(unique(node.next.iter().map(|arrow| &arrow.outcome)));
            prop_assert!(node.next.iter().all(|arrow| !arrow.outcome.is_empty()));
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn any_drawing_gives_a_model_that_hangs_together(text in drawing()) {
        let analysis = analyze(&text);
        hangs_together(&text, &analysis)?;
        well_named(&analysis.model)?;
    }

    #[test]
    fn any_damage_gives_a_model_that_hangs_together(text in drawing(), cut in 0..900_usize, len in 0..40_usize) {
        let kept = |at: usize| at < cut || at >= cut + len;
        let damaged: String = text.chars().enumerate().filter(|&(at, _)| kept(at)).map(|(_, c)| c).collect();
        let analysis = analyze(&damaged);
        hangs_together(&damaged, &analysis)?;
        well_named(&analysis.model)?;
    }

    #[test]
    fn the_same_text_gives_the_same_model(text in drawing()) {
        let (a, b) = (analyze(&text), analyze(&text));
        prop_assert_eq!(format!("{:?}", a.model), format!("{:?}", b.model));
        prop_assert_eq!(format!("{:?}", a.findings), format!("{:?}", b.findings));
    }

    #[test]
    fn a_node_that_collides_with_nobody_renames_nobody(text in drawing()) {
        let before = analyze(&text).model;
        let after = analyze(&text.replacen('{', "{\nz1: rectangle label:\"Unheard of\"\n", 1)).model;
        for node in &before.nodes {
            let same = after.nodes.iter().find(|other| other.id.text == node.id.text).unwrap();
            prop_assert_eq!(&node.names, &same.names);
        }
    }
}
