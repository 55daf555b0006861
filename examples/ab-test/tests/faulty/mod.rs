//! Faults on demand, at the one seam that every flow has: `Flow::step`.

use std::sync::atomic::{AtomicUsize, Ordering};

use flowgen::{Fault, Flow, Next, Node as _, Result, Runner, Visit};

use ab_test::drawing::Node;
use ab_test::trial::Simulated;
use ab_test::{Experiment, ExperimentFlow, flow};

/// A flow some of whose nodes do their work and then say that they could not: the worst kind of
/// fault, after which the effect is unknown.
pub struct Faulty {
    /// The flow.
    pub flow: ExperimentFlow<Simulated>,
    at: Vec<Node>,
    times: AtomicUsize,
}

impl Faulty {
    /// An experiment that faults at these nodes, whenever it comes there.
    pub fn always(users: Simulated, at: &[Node]) -> Self {
        Self { flow: flow(users), at: at.to_vec(), times: AtomicUsize::new(usize::MAX) }
    }

    /// An experiment that faults at this node, the first time.
    pub fn once(users: Simulated, at: Node) -> Self {
        Self { times: AtomicUsize::new(1), ..Self::always(users, &[at]) }
    }

    pub fn runner(&self) -> Runner<&Self> {
        Runner::new(self, Node::ExperimentProposed.index())
    }
}

impl Flow<Experiment> for Faulty {
    type Node = Node;

    async fn step(&self, at: Node, experiment: &mut Experiment, visit: &Visit) -> Result<Next<Node>> {
        let next = self.flow.step(at, experiment, visit).await?;
        let less = |times: usize| times.checked_sub(1);
        let is_due = || self.times.fetch_update(Ordering::SeqCst, Ordering::SeqCst, less).is_ok();
        if self.at.contains(&at) && is_due() {
            return Err(Fault::new("the connection was lost"));
        }
        Ok(next)
    }

    fn fork(experiment: &Experiment) -> Option<Experiment> {
        ExperimentFlow::<Simulated>::fork(experiment)
    }

    fn join(experiment: &mut Experiment, branch: Experiment) {
        ExperimentFlow::<Simulated>::join(experiment, branch);
    }
}
