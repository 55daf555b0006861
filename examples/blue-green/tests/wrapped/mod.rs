//! The flow of a release, with something wrong at one node.

#![allow(dead_code, reason = "each test uses a part of it")]

use flowgen::{Fault, Flow, Next, Node as _, Result, Visit};

use blue_green::drawing::Node;
use blue_green::slot::Process;
use blue_green::{Release, ReleaseFlow};

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// The process is killed before the step does anything.
    KilledBefore,
    /// The process is killed when the step is done, and not noted yet.
    KilledAfter,
    /// The step says that it could not, and has done nothing.
    FaultBefore,
    /// The step says that it could not, and has done it all the same.
    FaultAfter,
}

/// A flow with something wrong at one node.
pub struct Wrapped {
    pub flow: ReleaseFlow,
    pub at: Node,
    pub wrong: Wrong,
}

impl Flow<Release> for Wrapped {
    type Node = Node;

    async fn step(&self, at: Node, release: &mut Release, visit: &Visit) -> Result<Next<Node>> {
        if at != self.at {
            return self.flow.step(at, release, visit).await;
        }
        match self.wrong {
            Wrong::KilledBefore => kill(),
            Wrong::FaultBefore => return Err(Fault::new("the connection was lost")),
            Wrong::KilledAfter | Wrong::FaultAfter => {}
        }
        let next = self.flow.step(at, release, visit).await;
        match self.wrong {
            Wrong::KilledAfter => kill(),
            Wrong::FaultAfter => return Err(Fault::new("the connection was lost")),
            Wrong::KilledBefore | Wrong::FaultBefore => {}
        }
        next
    }

    fn fork(release: &Release) -> Option<Release> {
        ReleaseFlow::fork(release)
    }

    fn join(release: &mut Release, branch: Release) {
        ReleaseFlow::join(release, branch);
    }
}

/// `kill -9`, by this process itself.
fn kill() {
    Process::this().unwrap().kill().unwrap();
    std::thread::park();
}

/// Everything but circles.
pub fn nodes() -> impl Iterator<Item = Node> {
    Node::ALL.iter().copied().filter(|node| !node.spec().is_circle())
}

/// The nodes of the way back, and what undoes steps.
pub fn reverts(node: Node) -> bool {
    node.spec().is_compensation() || matches!(node, Node::RevertRelease | Node::ReportFailure)
}
