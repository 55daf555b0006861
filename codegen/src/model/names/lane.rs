use super::identifier::Stem;
use super::natural::compare;
use super::scope::{Rival, settle};
use crate::finding::Sink;
use crate::model::Model;
use crate::rules::f107_colliding_names;

/// What stands beside the lanes in emitted code, or is meant where it stands or where a lane is
/// implemented. A lane so called is `NodeLane`.
const RESERVED_TYPES: [&str; 20] = [
    "Compensation",
    "Cx",
    "Effect",
    "End",
    "Err",
    "Flow",
    "Future",
    "Lane",
    "Node",
    "None",
    "Ok",
    "Option",
    "Result",
    "Self",
    "Send",
    "Sized",
    "Some",
    "Start",
    "Sync",
    "Visit",
];

/// Crates, and types that emitted code names beside the lanes' modules. A lane so called is the module `core_lane`.
const RESERVED_MODULES: [&str; 6] = ["core", "flowgen", "std", "str", "u32", "usize"];

/// Names all lanes.
pub(super) fn assign(model: &mut Model, sink: &mut Sink) {
    let mut order: Vec<_> = (0..model.lanes.len()).collect();
    order.sort_by(|&a, &b| compare(&model.lanes[a].name.text, &model.lanes[b].name.text));
    let stems: Vec<_> = order.iter().map(|&lane| Stem::of(&model.lanes[lane].name.text, "lane")).collect();
    // Lanes have no ids: those that collide are counted.
    let settle = |names| settle(names, &[], |_| String::new());
    let modules =
        settle(stems.iter().map(|stem| unreserved(stem.snake(), &RESERVED_MODULES, "_lane")).collect());
    let types = settle(stems.iter().map(|stem| unreserved(stem.pascal(), &RESERVED_TYPES, "Lane")).collect());
    for (&lane, (module, type_name)) in order.iter().zip(modules.into_iter().zip(types)) {
        let lost = [&type_name, &module].into_iter().find_map(|name| match name.lost_to {
            Some(Rival::Claim(keeper)) => Some((keeper, &name.name)),
            _ => None,
        });
        if let Some((keeper, name)) = lost {
            let keeper = &model.lanes[order[keeper]].name;
            f107_colliding_names::report_lane(sink, &model.lanes[lane].name, name, keeper);
        }
        model.lanes[lane].module = module.name;
        model.lanes[lane].type_name = type_name.name;
    }
}

fn unreserved(name: String, reserved: &[&str], suffix: &str) -> String {
    // `Self` comes as `Self_`, since it is a keyword.
    let plain = name.trim_end_matches('_');
    if reserved.contains(&plain) { format!("{plain}{suffix}") } else { name }
}
