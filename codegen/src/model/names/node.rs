use super::identifier::Stem;
use super::in_natural_order;
use super::scope::{Claim, Given, Rival, Scope};
use crate::finding::Sink;
use crate::model::{Kind, Model, Names, NodeIx};
use crate::rules::f107_colliding_names;

/// What the module of a lane needs for itself. A decision so called is `ResultDecision`.
const RESERVED: [&str; 9] =
    ["Compensation", "Cx", "Effect", "Future", "Option", "Result", "Send", "Sync", "Visit"];

/// One kind of name: how it is made, and where it is put.
struct Naming {
    applies: fn(&Model, NodeIx) -> bool,
    claim: fn(&Stem, &Stem) -> Claim,
    name: fn(&mut Names) -> &mut String,
}

const METHOD: Naming = Naming {
    applies: |model, node| model[node].is_implemented(),
    claim: |label, id| Claim { plain: label.snake(), suffix: format!("_{}", id.snake()) },
    name: |names| &mut names.method,
};

const TYPE: Naming = Naming {
    applies: |model, node| model[node].kind == Kind::Decision,
    claim: |label, id| {
        let mut plain = label.pascal();
        if RESERVED.contains(&plain.as_str()) {
            plain.push_str("Decision");
        }
        Claim { plain, suffix: id.pascal() }
    },
    name: |names| &mut names.type_name,
};

const VARIANT: Naming = Naming {
    applies: |_, _| true,
    claim: |label, id| Claim { plain: label.pascal(), suffix: id.pascal() },
    name: |names| &mut names.variant,
};

/// Names all nodes.
pub(super) fn assign(model: &mut Model, sink: &mut Sink) {
    let order = in_natural_order(model);
    let mut naming = Assignment { lost: vec![None; model.nodes.len()], model };
    for (lane, nodes) in by_lane(naming.model, &order).into_iter().enumerate() {
        let trait_name = naming.model.lanes[lane].type_name.clone();
        naming.assign(&METHOD, &nodes, Scope::default());
        naming.assign(&TYPE, &nodes, Scope::without([trait_name.as_str()]));
    }
    naming.assign(&VARIANT, &order, Scope::default());
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
    /// By node, the first name that it did not get.
    lost: Vec<Option<Lost>>,
}

impl Assignment<'_> {
    fn assign(&mut self, naming: &Naming, nodes: &[NodeIx], scope: Scope) {
        let nodes: Vec<_> =
            nodes.iter().copied().filter(|&node| (naming.applies)(self.model, node)).collect();
        let claims: Vec<_> = nodes.iter().map(|&node| self.claim(naming, node)).collect();
        for (&node, Given { name, lost_to }) in nodes.iter().zip(scope.settle(&claims)) {
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

    fn claim(&self, naming: &Naming, node: NodeIx) -> Claim {
        let node = &self.model[node];
        let id = Stem::of(&node.id.text, "");
        (naming.claim)(&Stem::of(&node.label.text, &node.id.text), &id)
    }
}
