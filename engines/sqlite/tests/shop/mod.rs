//! A shop whose steps do what an order says, for tests of the engine.

use std::path::Path;
use std::time::Duration;

use flowgen::{Effect, Fault, Fork, Result, Visit};
use flowgen_sqlite::{Engine, Error};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

#[allow(missing_docs, unreachable_pub, dead_code)]
pub(crate) mod flow {
    flowgen::flow! {
        // Paying is the last step.
        #![allow(F405)]
        Shop { # Shop
            n1: circle label:"Ordered"
            n2: rectangle label:"Reserve goods"
            n3: rectangle label:"Pay"
            n4: circle label:"Sold"
            n5: rectangle label:"Release goods"
            n6: circle label:"Asked"
            n7: rectangle label:"Answer"
            n8: circle label:"Answered"
            n9: rectangle label:"Write mail"
            n10: circle label:"Mail written"
            n1.handle(right) -> n2.handle(left)
            n2.handle(right) -> n3.handle(left)
            n3.handle(right) -> n4.handle(left)
            n2.handle(bottom) -> n5.handle(top) [label="compensated by"]
            n6.handle(right) -> n7.handle(left)
            n7.handle(right) -> n8.handle(left)
            n7.handle(bottom) -> n9.handle(top) [label="async: Tell"]
            n9.handle(right) -> n10.handle(left)
        }
    }
}

use flow::shop::{Compensation, Shop};

/// What a run is to do.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Order {
    /// Nodes that fault, by their ids.
    pub(crate) faults: Vec<String>,
    /// Steps that wait until the shop opens, by their ids.
    pub(crate) waits: Vec<String>,
    /// What was done, by its keys.
    pub(crate) done: Vec<String>,
}

impl Order {
    pub(crate) fn faulty(ids: &[&str]) -> Self {
        Self { faults: ids.iter().map(|id| (*id).to_owned()).collect(), ..Self::default() }
    }

    pub(crate) fn waiting(ids: &[&str]) -> Self {
        Self { waits: ids.iter().map(|id| (*id).to_owned()).collect(), ..Self::default() }
    }
}

impl Fork for Order {
    fn fork(&self) -> Self {
        Self { done: Vec::new(), ..self.clone() }
    }

    fn join(&mut self, branch: Self) {
        self.done.extend(branch.done);
    }
}

/// Serves the lane; what faults does so until it is mended.
#[derive(Clone, Debug)]
pub(crate) struct Seller {
    state: watch::Sender<State>,
}

#[derive(Clone, Debug, Default)]
struct State {
    open: bool,
    mended: bool,
    begun: Vec<String>,
}

impl Seller {
    pub(crate) fn new() -> Self {
        Self { state: watch::Sender::default() }
    }

    pub(crate) fn open(&self) {
        self.state.send_modify(|state| state.open = true);
    }

    #[allow(dead_code, reason = "not all tests close it")]
    pub(crate) fn close(&self) {
        self.state.send_modify(|state| state.open = false);
    }

    pub(crate) fn mend(&self) {
        self.state.send_modify(|state| state.mended = true);
    }

    /// What was begun, with its attempt: `a/n2/1 #1`.
    pub(crate) fn begun(&self) -> Vec<String> {
        self.state.borrow().begun.clone()
    }

    /// Waits until this was begun.
    pub(crate) async fn begins(&self, what: &str) {
        let mut state = self.state.subscribe();
        let begun = state.wait_for(|state| state.begun.iter().any(|begun| begun == what));
        tokio::time::timeout(Duration::from_secs(20), begun).await.expect(what).unwrap();
    }

    async fn act(&self, order: &mut Order, visit: &Visit) -> Result<Effect> {
        let id = visit.node().id.to_owned();
        let begun = format!("{} #{}", visit.key(), visit.attempt());
        self.state.send_modify(|state| state.begun.push(begun));
        if order.waits.contains(&id) {
            let _ = self.state.subscribe().wait_for(|state| state.open).await;
        }
        if order.faults.contains(&id) && !self.state.borrow().mended {
            return Err(Fault::new(format!("{id} is out of order")));
        }
        order.done.push(visit.key().to_string());
        Ok(Effect::Done)
    }
}

impl Shop<Order> for Seller {
    async fn reserve_goods(&self, order: &mut Order, visit: &Visit) -> Result<Effect> {
        self.act(order, visit).await
    }

    async fn pay(&self, order: &mut Order, visit: &Visit) -> Result {
        self.act(order, visit).await.map(drop)
    }

    async fn answer(&self, order: &mut Order, visit: &Visit) -> Result {
        self.act(order, visit).await.map(drop)
    }

    async fn write_mail(&self, order: &mut Order, visit: &Visit) -> Result {
        self.act(order, visit).await.map(drop)
    }
}

impl Compensation<Order> for Seller {
    async fn release_goods(&self, order: &mut Order, visit: &Visit) -> Result {
        self.act(order, visit).await.map(drop)
    }
}

pub(crate) type Runs = Engine<flow::Node, Order>;

/// Opens the file of a folder; whoever had it may be about to let it go.
pub(crate) async fn open(folder: &Path, seller: &Seller) -> Runs {
    loop {
        match try_open(folder, seller).await {
            Err(Error::Locked { .. }) => tokio::time::sleep(Duration::from_millis(2)).await,
            opened => return opened.unwrap(),
        }
    }
}

pub(crate) async fn try_open(folder: &Path, seller: &Seller) -> Result<Runs, Error> {
    let flow = flow::Flow { shop: seller.clone() };
    Engine::open(folder.join("runs.db"), flow.into_runner(flow::Start::Ordered)).await
}
