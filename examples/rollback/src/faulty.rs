//! Fault injection.

use std::sync::{Mutex, PoisonError};

use flowgen::{Fault, Flow, Next, Node as _, Result, Runner, Visit};

use crate::drawing::Node;
use crate::{Order, ShopFlow};

/// A flow in which some nodes fail.
///
/// It wraps another flow node by node, so it needs no knowledge of the shop. Its faults are the worst kinds. A
/// failing step does its work but reports a fault with an unknown effect. A late step does its work after the run
/// has ended. A failing compensation undoes nothing.
#[derive(Debug)]
pub struct Faulty<'f> {
    flow: &'f ShopFlow,
    faults: &'f [Node],
    late: &'f [Node],
    /// Late attempts, which have not done their work yet.
    held: Mutex<Vec<(Node, Order, Visit)>>,
}

impl<'f> Faulty<'f> {
    /// Creates a flow that fails at these nodes.
    #[must_use]
    pub fn new(flow: &'f ShopFlow, faults: &'f [Node]) -> Self {
        Self { flow, faults, late: &[], held: Mutex::default() }
    }

    /// Also makes the first attempt at each of these steps late: it faults like a timeout and does its work in
    /// [`Faulty::land`]. A step that is listed twice is late twice.
    #[must_use]
    pub fn late(mut self, steps: &'f [Node]) -> Self {
        self.late = steps;
        self
    }

    /// A runner for this flow.
    pub fn runner(&self) -> Runner<&Self> {
        Runner::new(self, Node::Ordered.index())
    }

    /// Does the work of the late attempts and returns their results.
    pub async fn land(&self) -> Vec<(Node, Result)> {
        let held = std::mem::take(&mut *self.held.lock().unwrap_or_else(PoisonError::into_inner));
        let mut landed = Vec::new();
        for (at, mut order, visit) in held {
            landed.push((at, self.flow.step(at, &mut order, &visit).await.map(drop)));
        }
        landed
    }

    fn fault_at(&self, node: Node) -> Result {
        if self.faults.contains(&node) {
            return Err(Fault::new("the connection was lost"));
        }
        Ok(())
    }

    fn is_late(&self, node: Node, visit: &Visit) -> bool {
        let times = self.late.iter().filter(|late| **late == node).count();
        visit.attempt() as usize <= times
    }
}

impl Flow<Order> for Faulty<'_> {
    type Node = Node;

    async fn step(&self, at: Node, order: &mut Order, visit: &Visit) -> Result<Next<Node>> {
        if at.spec().is_compensation() {
            self.fault_at(at)?;
            return self.flow.step(at, order, visit).await;
        }
        if self.is_late(at, visit) {
            let attempt = (at, order.clone(), visit.clone());
            self.held.lock().unwrap_or_else(PoisonError::into_inner).push(attempt);
            return Err(Fault::new("timed out"));
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

/// The steps and decisions of the drawing that can fail before a rollback.
pub fn steps() -> impl Iterator<Item = Node> {
    nodes().filter(|node| !node.spec().is_compensation())
}

/// The compensable steps.
pub fn compensable() -> impl Iterator<Item = Node> {
    nodes().filter(|node| node.spec().undone_by.is_some())
}

/// The compensations of the drawing.
pub fn compensations() -> impl Iterator<Item = Node> {
    nodes().filter(|node| node.spec().is_compensation())
}

fn nodes() -> impl Iterator<Item = Node> {
    Node::ALL.iter().copied().filter(|node| !node.spec().is_circle())
}
