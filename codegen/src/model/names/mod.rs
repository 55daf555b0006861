//! Names lanes, nodes and outcomes in the code.
//!
//! After this pass every name is a valid identifier, and unique where it has to be. Names depend on labels
//! and ids alone, never on the order of the drawing; a node's name depends on another node only if both want
//! the same.

mod base_name;
mod scope;

use super::natural_order::{compare, in_natural_order};
use super::{Arrow, Kind, LaneIx, Model, ModelError, Names, Node, NodeIx};
use base_name::BaseName;
use scope::{Collision, Given, resolve_collisions};

pub(super) fn assign(model: &mut Model, errors: &mut Vec<ModelError>) {
    name_lanes(model, errors);
    name_nodes(model, errors);
    for decision in model.indices() {
        if model[decision].kind == Kind::Decision {
            name_outcomes(model, decision, errors);
        }
    }
}

/// Types in the scope of emitted lanes, or of their implementations. A lane with one of these names gets a
/// suffix: `NodeLane`.
const RESERVED_LANES: [&str; 25] = [
    "Compensation",
    "Cx",
    "Did",
    "Effect",
    "End",
    "EndNode",
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
    "StartNode",
    "Sync",
    "Undo",
    "Value",
    "Visit",
];

/// Crates, and types that emitted code uses beside the lanes' modules. A lane with one of these names gets a
/// suffix: `core_lane`.
const RESERVED_MODULES: [&str; 8] = ["bool", "core", "flowgen", "std", "str", "types", "u32", "usize"];

fn name_lanes(model: &mut Model, errors: &mut Vec<ModelError>) {
    let mut order: Vec<_> = (0..model.lanes.len()).collect();
    order.sort_by(|&a, &b| compare(&model.lanes[a].name.text, &model.lanes[b].name.text));
    let bases: Vec<_> =
        order.iter().map(|&lane| BaseName::new(&model.lanes[lane].name.text, "lane")).collect();
    // Lanes have no ids: lanes that collide are numbered.
    let resolve = |names| resolve_collisions(names, &[], |_| String::new());
    let modules =
        resolve(bases.iter().map(|base| unreserved(base.snake(), &RESERVED_MODULES, "_lane")).collect());
    let types =
        resolve(bases.iter().map(|base| unreserved(base.pascal(), &RESERVED_LANES, "Lane")).collect());
    for (&lane, (module, type_name)) in order.iter().zip(modules.into_iter().zip(types)) {
        let renamed = [&type_name, &module].into_iter().find_map(|given| match given.collision {
            Some(Collision::Request(other)) => Some((order[other], given.name.clone())),
            _ => None,
        });
        if let Some((other, name)) = renamed {
            errors.push(ModelError::RenamedLane { lane: LaneIx(lane), name, taken_by: LaneIx(other) });
        }
        model.lanes[lane].module = module.name;
        model.lanes[lane].type_name = type_name.name;
    }
}

fn unreserved(name: String, reserved: &[&str], suffix: &str) -> String {
    // `Self` is a keyword, so it has become `Self_`.
    let plain = name.trim_end_matches('_');
    if reserved.contains(&plain) { format!("{plain}{suffix}") } else { name }
}

/// Types in the scope of a lane's module. A decision with one of these names gets a suffix: `ResultDecision`.
const RESERVED_DECISIONS: [&str; 11] =
    ["Compensation", "Cx", "Did", "Effect", "Future", "Option", "Result", "Send", "Sync", "Undo", "Visit"];

/// By-value methods of all types: a call of a lane's method with one of these names would be ambiguous. Such
/// a method gets a suffix: `into_step`.
const RESERVED_METHODS: [&str; 2] = ["into", "try_into"];

/// The name by which a declaration refers to a circle: its label, as if it were a method.
pub(super) fn circle_name(node: &Node) -> String {
    BaseName::new(&node.label.text, &node.id.text).snake()
}

/// A kind of name: which nodes have it, how it is made, and its field.
struct Naming {
    applies: fn(Kind) -> bool,
    plain: fn(&BaseName) -> String,
    suffix: fn(&BaseName) -> String,
    name: fn(&mut Names) -> &mut String,
}

const METHOD: Naming = Naming {
    applies: |kind| matches!(kind, Kind::Step | Kind::Task | Kind::Decision),
    plain: |label| {
        let plain = label.snake();
        if RESERVED_METHODS.contains(&plain.as_str()) { plain + "_step" } else { plain }
    },
    suffix: |id| format!("_{}", id.snake()),
    name: |names| &mut names.method,
};

const TYPE: Naming = Naming {
    applies: |kind| kind == Kind::Decision,
    plain: |label| {
        let plain = label.pascal();
        if RESERVED_DECISIONS.contains(&plain.as_str()) { plain + "Decision" } else { plain }
    },
    suffix: BaseName::pascal,
    name: |names| &mut names.type_name,
};

const VARIANT: Naming = Naming {
    applies: |_| true,
    plain: BaseName::pascal,
    suffix: BaseName::pascal,
    name: |names| &mut names.variant,
};

fn name_nodes(model: &mut Model, errors: &mut Vec<ModelError>) {
    let order = in_natural_order(model);
    let bases = model.nodes.iter().map(|node| BaseName::new(&node.label.text, &node.id.text)).collect();
    let mut naming = Assignment { renamed: vec![None; model.nodes.len()], bases, model };
    for (lane, nodes) in by_lane(naming.model, &order).iter().enumerate() {
        let trait_name = naming.model.lanes[lane].type_name.clone();
        naming.assign(&METHOD, nodes, &[]);
        naming.assign(&TYPE, nodes, &[&trait_name]);
    }
    naming.assign(&VARIANT, &order, &[]);
    let mut renamed = naming.renamed;
    for node in order {
        if let Some((name, taken_by)) = renamed[node.0].take() {
            errors.push(ModelError::RenamedNode { node, name, taken_by });
        }
    }
}

/// The nodes of each lane, in the given order.
fn by_lane(model: &Model, order: &[NodeIx]) -> Vec<Vec<NodeIx>> {
    let mut lanes = vec![Vec::new(); model.lanes.len()];
    for &node in order {
        lanes[model[node].lane.0].push(node);
    }
    lanes
}

struct Assignment<'m> {
    model: &'m mut Model,
    /// By node: the name that its label gives.
    bases: Vec<BaseName>,
    /// By node: its first name that is not the plain one, and the node that has that; `None` if its lane has
    /// it.
    renamed: Vec<Option<(String, Option<NodeIx>)>>,
}

impl Assignment<'_> {
    fn assign(&mut self, naming: &Naming, nodes: &[NodeIx], reserved: &[&str]) {
        let mut nodes = nodes.to_vec();
        nodes.retain(|&node| (naming.applies)(self.model[node].kind));
        let plain = nodes.iter().map(|node| (naming.plain)(&self.bases[node.0])).collect();
        let suffix = |at: usize| (naming.suffix)(&BaseName::new(&self.model[nodes[at]].id.text, ""));
        let given = resolve_collisions(plain, reserved, suffix);
        for (&node, Given { name, collision }) in nodes.iter().zip(given) {
            if let (Some(collision), None) = (collision, &self.renamed[node.0]) {
                let taken_by = match collision {
                    Collision::Request(other) => Some(nodes[other]),
                    Collision::Reserved => None,
                };
                self.renamed[node.0] = Some((name.clone(), taken_by));
            }
            *(naming.name)(&mut self.model[node].names) = name;
        }
    }
}

/// Names the outcomes of a decision after their labels, or after their targets.
fn name_outcomes(model: &mut Model, decision: NodeIx, errors: &mut Vec<ModelError>) {
    let arrows = &model[decision].next;
    let mut order: Vec<_> = (0..arrows.len()).collect();
    order.sort_by(|&a, &b| {
        let id = |at: usize| &model[arrows[at].to].id.text;
        compare(id(a), id(b)).then_with(|| arrows[a].span.cmp(&arrows[b].span))
    });
    let plain = order.iter().map(|&at| plain(model, &arrows[at])).collect();
    let suffix = |at: usize| BaseName::new(&model[arrows[order[at]].to].id.text, "").pascal();
    let given = resolve_collisions(plain, &[], suffix);
    for (&at, given) in order.iter().zip(given) {
        if let Some(Collision::Request(other)) = given.collision {
            let (name, taken_by) = (given.name.clone(), order[other]);
            errors.push(ModelError::RenamedOutcome { decision, outcome: at, name, taken_by });
        }
        model[decision].next[at].outcome = given.name;
    }
}

fn plain(model: &Model, arrow: &Arrow) -> String {
    let target = &model[arrow.to];
    let text = arrow.label.as_ref().unwrap_or(&target.label);
    BaseName::new(&text.text, &target.id.text).pascal()
}
