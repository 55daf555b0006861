//! Saving a run, and reading it back with the same drawing, and with another that means the same.

use flowgen::Drawing;
use flowgen::plan::{LoopSpec, NodeSpec, Plan};
use flowgen::run::{Interpreter, Migration, Run, Saved};

use crate::oracle::rule;
use crate::record::Record;

/// From a drawing to one with its nodes and loops in the opposite order, and back.
pub(crate) struct Passage {
    here: Interpreter<Record>,
    mirrored: Interpreter<Record>,
    stay: Migration,
    there: Migration,
    back: Migration,
    /// Broken drawings are explored, too. In a drawing that is compiled no id is there twice.
    has_names: bool,
}

impl Passage {
    pub(crate) fn new(plan: &'static Plan) -> Self {
        let mirrored = mirrored(plan);
        let interpreter = |plan| Interpreter::new(plan, Record::fork, Record::join);
        let (from, to) = (Drawing::new(plan), Drawing::new(mirrored));
        Self {
            here: interpreter(plan),
            mirrored: interpreter(mirrored),
            stay: Migration::new(&from, plan),
            there: Migration::new(&from, mirrored),
            back: Migration::new(&to, plan),
            has_names: (0..).zip(plan.nodes).all(|(at, node)| plan.find(node.id) == Some(at)),
        }
    }

    /// The run after it was saved and read back, which changes nothing.
    pub(crate) fn stay(&self, run: &Run<Record>) -> Result<Run<Record>, String> {
        let saved = save(run)?;
        let same = adopt(&self.here, &saved, &self.stay)?;
        rule!(saved == save(&same)?, "saving and reading back changes nothing");
        Ok(same)
    }

    /// The same, by way of the mirrored drawing.
    pub(crate) fn there_and_back(&self, run: &Run<Record>) -> Result<Run<Record>, String> {
        if !self.has_names {
            return self.stay(run);
        }
        let saved = save(run)?;
        let mirrored = save(&adopt(&self.mirrored, &saved, &self.there)?)?;
        let same = adopt(&self.here, &mirrored, &self.back)?;
        rule!(saved == save(&same)?, "another drawing that means the same changes nothing");
        Ok(same)
    }
}

pub(crate) fn save(run: &Run<Record>) -> Result<String, String> {
    serde_json::to_string(run).map_err(|error| error.to_string())
}

fn adopt(to: &Interpreter<Record>, saved: &str, with: &Migration) -> Result<Run<Record>, String> {
    let saved: Saved<Record> = serde_json::from_str(saved).map_err(|error| error.to_string())?;
    to.restore(saved, with).map_err(|refused| refused.to_string())
}

/// The same drawing with its nodes and loops in the opposite order.
fn mirrored(plan: &'static Plan) -> &'static Plan {
    let last = u32::try_from(plan.nodes.len()).unwrap() - 1;
    let at = |node: u32| last.checked_sub(node).unwrap_or(node);
    let all = |nodes: &[u32]| -> &'static [u32] { nodes.iter().copied().map(at).collect::<Vec<_>>().leak() };
    let node = |spec: &NodeSpec| NodeSpec {
        next: all(spec.next),
        sends: all(spec.sends),
        join: spec.join.map(at),
        undoes: all(spec.undoes),
        undone_by: spec.undone_by.map(at),
        ..NodeSpec::new(spec.id, spec.label, spec.lane, spec.kind)
    };
    let node = |spec: &NodeSpec| NodeSpec { rolls_back: spec.rolls_back, ..node(spec) };
    let bounded = |spec: &LoopSpec| {
        let mut nodes: Vec<u32> = spec.nodes.iter().copied().map(at).collect();
        nodes.sort_unstable();
        LoopSpec { text: spec.text, head: at(spec.head), nodes: nodes.leak(), bound: spec.bound }
    };
    let nodes: Vec<NodeSpec> = plan.nodes.iter().rev().map(node).collect();
    let loops: Vec<LoopSpec> = plan.loops.iter().rev().map(bounded).collect();
    let mirrored = Plan::new(plan.lanes, nodes.leak(), loops.leak()).hash(!plan.hash);
    let mirrored = plan.trigger.map(at).into_iter().fold(mirrored, Plan::trigger);
    Box::leak(Box::new(mirrored))
}
