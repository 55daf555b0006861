use super::identifier::Stem;
use super::in_natural_order;
use super::scope::{Given, Rival, settle};
use crate::finding::Sink;
use crate::model::{Kind, Model, Names, NodeIx};
use crate::rules::f107_colliding_names;

/// What the module of a lane needs for itself. A decision so called is `ResultDecision`.
const RESERVED: [&str; 9] =
    ["Compensation", "Cx", "Effect", "Future", "Option", "Result", "Send", "Sync", "Visit"];

/// What everything can be turned with, by value: a call of a method so called would not reach the
/// lane. Such a method is `into_step`.
const RESERVED_METHODS: [&str; 2] = ["into", "try_into"];

/// One kind of name: who has it, how it is made, and where it is put.
struct Naming {
    applies: fn(Kind) -> bool,
    plain: fn(&Stem) -> String,
    suffix: fn(&Stem) -> String,
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
        if RESERVED.contains(&plain.as_str()) { plain + "Decision" } else { plain }
    },
    suffix: Stem::pascal,
    name: |names| &mut names.type_name,
};

const VARIANT: Naming =
    Naming { applies: |_| true, plain: Stem::pascal, suffix: Stem::pascal, name: |names| &mut names.variant };

/// Names all nodes.
pub(super) fn assign(model: &mut Model, sink: &mut Sink) {
    let order = in_natural_order(model);
    let stems = model.nodes.iter().map(|node| Stem::of(&node.label.text, &node.id.text)).collect();
    let mut naming = Assignment { lost: vec![None; model.nodes.len()], stems, model };
    for (lane, nodes) in by_lane(naming.model, &order).iter().enumerate() {
        let trait_name = naming.model.lanes[lane].type_name.clone();
        naming.assign(&METHOD, nodes, &[]);
        naming.assign(&TYPE, nodes, &[&trait_name]);
    }
    naming.assign(&VARIANT, &order, &[]);
    let lost = naming.lost;
    for node in order {
        if let Some(lost) = &lost[node.0] {
            f107_colliding_names::report_node(sink, model, node, lost);
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

/// The plain name that a node did not get.
#[derive(Clone)]
pub(crate) struct Lost {
    /// The name that it got instead.
    pub(crate) name: String,
    /// Who has the plain one; the lane's own trait, where there is no such node.
    pub(crate) to: Option<NodeIx>,
}

struct Assignment<'m> {
    model: &'m mut Model,
    /// By node, what its label gives.
    stems: Vec<Stem>,
    /// By node, the first name that it did not get.
    lost: Vec<Option<Lost>>,
}

impl Assignment<'_> {
    fn assign(&mut self, naming: &Naming, nodes: &[NodeIx], reserved: &[&str]) {
        let mut nodes = nodes.to_vec();
        nodes.retain(|&node| (naming.applies)(self.model[node].kind));
        let plain = nodes.iter().map(|node| (naming.plain)(&self.stems[node.0])).collect();
        let suffix = |at: usize| (naming.suffix)(&Stem::of(&self.model[nodes[at]].id.text, ""));
        let given = settle(plain, reserved, suffix);
        for (&node, Given { name, lost_to }) in nodes.iter().zip(given) {
            if let (Some(rival), None) = (lost_to, &self.lost[node.0]) {
                let to = match rival {
                    Rival::Claim(keeper) => Some(nodes[keeper]),
                    Rival::Reserved => None,
                };
                self.lost[node.0] = Some(Lost { name: name.clone(), to });
            }
            *(naming.name)(&mut self.model[node].names) = name;
        }
    }
}
