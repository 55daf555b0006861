//! Faults on demand.

use flowgen::{Fault, Flow, Next, Node as _, Result, Runner, Visit};

use crate::drawing::Node;
use crate::{Order, ShopFlow};

/// A flow some of whose nodes fail.
///
/// It stands where a flow does everything that is drawn, one node at a time, so it needs to know
/// nothing of the shop. Both faults are of the worst kind: a step that fails has done its work, and
/// nobody knows; a compensation that fails has undone nothing.
#[derive(Clone, Copy, Debug)]
pub struct Faulty<'f> {
    flow: &'f ShopFlow,
    faults: &'f [Node],
}

impl<'f> Faulty<'f> {
    /// A flow that fails at these nodes.
    #[must_use]
    pub fn new(flow: &'f ShopFlow, faults: &'f [Node]) -> Self {
        Self { flow, faults }
    }

    /// Runs it.
    pub fn runner(&self) -> Runner<&Self> {
        Runner::new(self, Node::Ordered.index())
    }

    fn fault_at(&self, node: Node) -> Result {
        if self.faults.contains(&node) {
            return Err(Fault::new("the connection was lost"));
        }
        Ok(())
    }
}

impl Flow<Order> for Faulty<'_> {
    type Node = Node;

    async fn step(&self, at: Node, order: &mut Order, visit: &Visit) -> Result<Next<Node>> {
        if at.spec().is_compensation() {
            self.fault_at(at)?;
            return self.flow.step(at, order, visit).await;
        }
        let next = self.flow.step(at, order, visit).await?;
        self.fault_at(at)?;
        Ok(next)
    }

    fn fork(order: &Order) -> Option<Order> {
        ShopFlow::fork(order)
    }

    fn join(order: &mut Order, branch: Order) {
        ShopFlow::join(order, branch);
    }
}

/// The steps and decisions of the drawing, which can fail on the way forward.
pub fn steps() -> impl Iterator<Item = Node> {
    nodes().filter(|node| !node.spec().is_compensation())
}

/// The compensations of the drawing.
pub fn compensations() -> impl Iterator<Item = Node> {
    nodes().filter(|node| node.spec().is_compensation())
}

fn nodes() -> impl Iterator<Item = Node> {
    Node::ALL.iter().copied().filter(|node| !node.spec().is_circle())
}
