//! A drawing that can be changed, and a run that has come somewhere in it.

use flowgen::plan::{Kind, LaneSpec, LoopSpec, NodeSpec, Plan};
use flowgen::run::{Interpreter, Migration, RestoreError, Run, Saved, StepResult};
use flowgen::{Drawing, Effect};

/// The parts of a plan, to be changed.
#[derive(Clone)]
pub(crate) struct Sketch {
    pub(crate) lanes: Vec<LaneSpec>,
    pub(crate) nodes: Vec<NodeSpec>,
    pub(crate) loops: Vec<LoopSpec>,
}

/// Reserves, splits into two branches, and asks until somebody says yes; the first step is undone by the
/// node before the last, which nothing leads to.
pub(crate) fn shop() -> Sketch {
    let step = |id, label| NodeSpec::new(id, label, 0, Kind::Step);
    Sketch {
        lanes: vec![LaneSpec::new("Shop", "The shop"), LaneSpec::new("Post", "The post")],
        nodes: vec![
            NodeSpec::new("n0", "Start", 0, Kind::Start).next(&[1]),
            step("n1", "Reserve").next(&[2]).undone_by(8),
            step("n2", "Split").next(&[3, 4]).join(5),
            step("n3", "Left").next(&[5]),
            step("n4", "Right").next(&[5]),
            step("n5", "Ask").next(&[6]),
            NodeSpec::new("n6", "Yes?", 0, Kind::Decision).next(&[7, 5]),
            NodeSpec::new("n7", "End", 0, Kind::End),
            step("n8", "Release").undoes(&[1]),
            step("n9", "Never come to"),
        ],
        loops: vec![LoopSpec::new("up to 3 times", 5, &[5, 6], 3)],
    }
}

impl Sketch {
    pub(crate) fn plan(&self) -> &'static Plan {
        let Self { lanes, nodes, loops } = self.clone();
        Box::leak(Box::new(Plan::new(lanes.leak(), nodes.leak(), loops.leak())))
    }

    pub(crate) fn node(&mut self, id: &str) -> &mut NodeSpec {
        self.nodes.iter_mut().find(|node| node.id == id).unwrap()
    }

    /// Another node comes first, so that every other has another place.
    pub(crate) fn shifted(&self) -> Self {
        let all = |nodes: &[u32]| -> &'static [u32] {
            nodes.iter().map(|node| node + 1).collect::<Vec<_>>().leak()
        };
        let mut nodes = vec![NodeSpec::new("n99", "New", 1, Kind::Step)];
        nodes.extend(self.nodes.iter().map(|spec| {
            let node = NodeSpec::new(spec.id, spec.label, spec.lane, spec.kind);
            let (next, undoes) = (all(spec.next), all(spec.undoes));
            let (join, undone_by) = (spec.join.map(|at| at + 1), spec.undone_by.map(|at| at + 1));
            NodeSpec { next, undoes, join, undone_by, rolls_back: spec.rolls_back, ..node }
        }));
        let loops =
            self.loops.iter().map(|l| LoopSpec { head: l.head + 1, nodes: all(l.nodes), ..l.clone() });
        Self { lanes: self.lanes.clone(), nodes, loops: loops.collect() }
    }
}

#[expect(
    clippy::unnecessary_wraps,
    clippy::trivially_copy_pass_by_ref,
    reason = "an interpreter asks for it"
)]
fn fork(cx: &u32) -> Option<u32> {
    Some(*cx)
}

pub(crate) fn interpreter(plan: &'static Plan) -> Interpreter<u32> {
    Interpreter::new(plan, fork, |cx, branch| *cx = cx.wrapping_add(branch))
}

/// Everything that is due was begun and done so often, the first place first.
pub(crate) fn after(plan: &'static Plan, steps: usize) -> Run<u32> {
    let interpreter = interpreter(plan);
    let mut run = interpreter.start("order-42", plan.find("n0").unwrap(), 1);
    go_on(&interpreter, &mut run, steps);
    run
}

/// A decision goes the last way first.
pub(crate) fn go_on(interpreter: &Interpreter<u32>, run: &mut Run<u32>, steps: usize) {
    for _ in 0..steps {
        let Some(due) = run.state().due().next() else { return };
        interpreter.begin(run, due.branch);
        let spec = &interpreter.plan().nodes[due.node as usize];
        let to = if spec.kind == Kind::Decision { &spec.next[spec.next.len() - 1..] } else { spec.next };
        interpreter.settle(run, due.branch, Ok(StepResult::new(Effect::Done, to)));
    }
}

pub(crate) fn save(run: &Run<u32>) -> String {
    serde_json::to_string(run).unwrap()
}

pub(crate) fn adopt(saved: &str, from: &'static Plan, to: &'static Plan) -> Result<Run<u32>, RestoreError> {
    let saved: Saved<u32> = serde_json::from_str(saved).unwrap();
    interpreter(to).restore(saved, &Migration::new(&Drawing::new(from), to))
}
