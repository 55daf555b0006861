//! Drawings in serializable form, stored beside the runs that began with them.

use serde::{Deserialize, Serialize};

use crate::plan::{Kind, LoopSpec, NodeSpec, Plan};

/// A [`Plan`] as an owned, serializable value, which outlives the program that it is compiled into.
///
/// A saved run refers to nodes by their index in the plan. A store therefore saves the nodes once for each
/// drawing. When the runs are opened with another drawing, [`Migration`](crate::run::Migration) compares the two.
///
/// # Examples
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/bookshop.rs"));
/// # fn main() {
/// use flowgen::{Drawing, Node};
///
/// let drawing = Drawing::new(shop::Node::PLAN);
/// let saved = serde_json::to_string(&drawing).unwrap();
/// assert_eq!(serde_json::from_str::<Drawing>(&saved).unwrap(), drawing);
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drawing {
    hash: u64,
    pub(crate) nodes: Vec<Drawn>,
    pub(crate) loops: Vec<DrawnLoop>,
    /// The names of the declared values.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) names: Vec<String>,
    /// The cycles that limit lists, each with its nodes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) cycles: Vec<Vec<u32>>,
}

/// A node as it was drawn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Drawn {
    pub(crate) id: String,
    pub(crate) label: String,
    /// The name of its lane.
    pub(crate) lane: String,
    pub(crate) kind: String,
    pub(crate) next: Vec<u32>,
    pub(crate) join: Option<u32>,
    pub(crate) undoes: Vec<u32>,
    pub(crate) undone_by: Option<u32>,
    pub(crate) rolls_back: bool,
}

/// A loop as it was drawn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DrawnLoop {
    pub(crate) head: u32,
    pub(crate) nodes: Vec<u32>,
    /// `None` for a loop around a bounded one that has no bound itself.
    pub(crate) bound: Option<u32>,
}

impl Drawing {
    /// Creates the drawing that a plan was made from.
    #[must_use]
    pub fn new(plan: &Plan) -> Self {
        let nodes = plan.nodes.iter().map(|node| Drawn::new(plan, node)).collect();
        let loops = plan.loops.iter().map(DrawnLoop::new).collect();
        let names = plan.names.iter().map(|name| (*name).to_owned()).collect();
        let cycles = plan.cycles.iter().map(|nodes| nodes.to_vec()).collect();
        Self { hash: plan.hash, nodes, loops, names, cycles }
    }

    /// The hash of the drawing, which is also saved in its runs.
    #[must_use]
    pub fn hash(&self) -> u64 {
        self.hash
    }

    /// The label and id of a node: `` `Charge card` (n7) ``.
    pub(crate) fn name(&self, node: u32) -> String {
        match self.nodes.get(node as usize) {
            Some(node) => format!("`{}` ({})", node.label, node.id),
            None => format!("node {node}, which is not drawn"),
        }
    }
}

impl Drawn {
    fn new(plan: &Plan, node: &NodeSpec) -> Self {
        let lane = plan.lanes.get(node.lane as usize).map_or("", |lane| lane.name);
        Self {
            id: node.id.to_owned(),
            label: node.label.to_owned(),
            lane: lane.to_owned(),
            kind: kind(node.kind).to_owned(),
            next: node.next.to_vec(),
            join: node.join,
            undoes: node.undoes.to_vec(),
            undone_by: node.undone_by,
            rolls_back: node.rolls_back,
        }
    }
}

impl DrawnLoop {
    fn new(bounded: &LoopSpec) -> Self {
        Self { head: bounded.head, nodes: bounded.nodes.to_vec(), bound: bounded.bound }
    }
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Start => "start",
        Kind::End => "end",
        Kind::Milestone => "milestone",
        Kind::Step => "step",
        Kind::Task => "task",
        Kind::Decision => "decision",
    }
}
