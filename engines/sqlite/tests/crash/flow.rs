//! A flow with everything in it, whose steps note what they do in a file outside of the store.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use flowgen::{Effect, Fault, Fork, Result, Visit};
use serde::{Deserialize, Serialize};

#[allow(missing_docs, unreachable_pub, dead_code)]
pub(crate) mod orders {
    flowgen::flow! {
        Shop { # Shop
            n1: circle label:"Ordered"
            n2: rectangle label:"Reserve goods"
            n3: rectangle label:"Ask carrier"
            n4: diamond label:"Carrier found?"
            n5: rectangle label:"Split work"
            n6: rectangle label:"Pack goods"
            n7: rectangle label:"Label parcel"
            n8: rectangle label:"Charge card"
            n9: rectangle label:"Hand over"
            n10: diamond label:"Taken?"
            n11: circle label:"Sold"
            n12: rectangle label:"Call off"
            n13: rectangle label:"Refund card"
            n14: rectangle label:"Unpack goods"
            n15: rectangle label:"Release goods"
            n16: circle label:"Called off"
            n17: rectangle label:"Write mail"
            n18: circle label:"Told"
            n20: circle label:"Returned"
            n21: rectangle label:"Check goods"
            n22: rectangle label:"Pay back"
            n23: circle label:"Taken back"
            n1.handle(right) -> n2.handle(left)
            n2.handle(right) -> n3.handle(left)
            n3.handle(right) -> n4.handle(left)
            n4.handle(right) -> n5.handle(left) [label="Yes"]
            n4.handle(bottom) -> n3.handle(bottom) [label="No"]
            n5.handle(right) -> n6.handle(left)
            n6.handle(right) -> n7.handle(left)
            n7.handle(right) -> n9.handle(left)
            n5.handle(bottom) -> n8.handle(left)
            n8.handle(right) -> n9.handle(bottom)
            n9.handle(right) -> n10.handle(left)
            n10.handle(right) -> n11.handle(left) [label="Yes"]
            n10.handle(bottom) -> n12.handle(top) [label="No"]
            n12.handle(right) -> n13.handle(left)
            n13.handle(right) -> n14.handle(left)
            n14.handle(right) -> n15.handle(left)
            n15.handle(right) -> n16.handle(left)
            n9.handle(bottom) -> n17.handle(top) [label="async: Tell customer"]
            n17.handle(right) -> n18.handle(left)
            n2.handle(bottom) -> n15.handle(top) [label="compensated by"]
            n6.handle(bottom) -> n14.handle(top) [label="compensated by"]
            n8.handle(bottom) -> n13.handle(top) [label="compensated by"]
            n20.handle(right) -> n21.handle(left)
            n21.handle(right) -> n22.handle(left)
            n22.handle(right) -> n23.handle(left)
            loop [up to 4 times] n3 n4
        }
    }
}

use orders::shop::{CarrierFound, Compensation, Shop, Taken};

/// What a run is to do: the same each time it is tried.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Order {
    /// How often a carrier has to be asked.
    pub(crate) asks: u32,
    /// Is the parcel taken in the end?
    pub(crate) taken: bool,
    /// Nodes that always fault, by their ids.
    pub(crate) faults: Vec<String>,
    /// Steps that are not done, by their ids.
    pub(crate) not_done: Vec<String>,
    /// What was done, by its keys, as far as this context knows.
    pub(crate) done: Vec<String>,
    asked: u32,
}

impl Fork for Order {
    fn fork(&self) -> Self {
        Self { done: Vec::new(), ..self.clone() }
    }

    fn join(&mut self, branch: Self) {
        self.done.extend(branch.done);
    }
}

/// Serves the lane. Without a log it notes nothing, and takes no time.
#[derive(Clone, Default)]
pub(crate) struct Store {
    log: Option<Arc<File>>,
    /// It says that a step is done, and does it later: like a store that saves before it should.
    hasty: bool,
}

impl Store {
    pub(crate) fn noting_in(log: &Path, hasty: bool) -> Self {
        let log = OpenOptions::new().append(true).create(true).open(log).unwrap();
        Self { log: Some(Arc::new(log)), hasty }
    }

    /// One line, in one write: a crash tears none apart.
    fn note(log: Option<&File>, line: String) {
        if let Some(mut log) = log {
            log.write_all((line + "\n").as_bytes()).unwrap();
        }
    }

    /// Does a step: it begins, takes a while, and ends.
    async fn act(&self, order: &mut Order, visit: &Visit) -> Result<Effect> {
        let id = visit.node().id.to_owned();
        let effect = if order.not_done.contains(&id) { Effect::NotDone } else { Effect::Done };
        let faults = order.faults.contains(&id);
        let says = match (faults, effect) {
            (true, _) => "fault",
            (_, Effect::NotDone) => "not-done",
            (_, Effect::Done) => "done",
        };
        let undoes = visit.undoes().map(|key| format!(" {key}")).unwrap_or_default();
        let key = visit.key().to_string();
        Self::note(self.log.as_deref(), format!("begin {key} {}", visit.attempt()));
        let log = self.log.clone();
        let takes =
            Duration::from_micros(if log.is_some() { 200 + u64::from(visit.number()) * 700 } else { 0 });
        let end = format!("end {key} {says}{undoes}");
        let work = async move {
            tokio::time::sleep(takes).await;
            Self::note(log.as_deref(), end);
        };
        if self.hasty {
            tokio::spawn(work);
        } else {
            work.await;
        }
        if faults {
            return Err(Fault::new(format!("`{}` is out of order", visit.node().label)));
        }
        order.done.push(key);
        Ok(effect)
    }
}

impl Shop<Order> for Store {
    async fn reserve_goods(&self, order: &mut Order, visit: &Visit) -> Result<Effect> {
        self.act(order, visit).await
    }

    async fn ask_carrier(&self, order: &mut Order, visit: &Visit) -> Result {
        order.asked += 1;
        self.act(order, visit).await.map(drop)
    }

    async fn carrier_found(&self, order: &Order, _: &Visit) -> Result<CarrierFound> {
        Ok(if order.asked < order.asks { CarrierFound::No } else { CarrierFound::Yes })
    }

    async fn split_work(&self, order: &mut Order, visit: &Visit) -> Result {
        self.act(order, visit).await.map(drop)
    }

    async fn pack_goods(&self, order: &mut Order, visit: &Visit) -> Result<Effect> {
        self.act(order, visit).await
    }

    async fn label_parcel(&self, order: &mut Order, visit: &Visit) -> Result {
        self.act(order, visit).await.map(drop)
    }

    async fn charge_card(&self, order: &mut Order, visit: &Visit) -> Result<Effect> {
        self.act(order, visit).await
    }

    async fn hand_over(&self, order: &mut Order, visit: &Visit) -> Result {
        self.act(order, visit).await.map(drop)
    }

    async fn taken(&self, order: &Order, _: &Visit) -> Result<Taken> {
        Ok(if order.taken { Taken::Yes } else { Taken::No })
    }

    async fn call_off(&self, order: &mut Order, visit: &Visit) -> Result {
        self.act(order, visit).await.map(drop)
    }

    async fn write_mail(&self, order: &mut Order, visit: &Visit) -> Result {
        self.act(order, visit).await.map(drop)
    }

    async fn check_goods(&self, order: &mut Order, visit: &Visit) -> Result {
        self.act(order, visit).await.map(drop)
    }

    async fn pay_back(&self, order: &mut Order, visit: &Visit) -> Result {
        self.act(order, visit).await.map(drop)
    }
}

impl Compensation<Order> for Store {
    async fn refund_card(&self, order: &mut Order, visit: &Visit) -> Result {
        self.act(order, visit).await.map(drop)
    }

    async fn unpack_goods(&self, order: &mut Order, visit: &Visit) -> Result {
        self.act(order, visit).await.map(drop)
    }

    async fn release_goods(&self, order: &mut Order, visit: &Visit) -> Result {
        self.act(order, visit).await.map(drop)
    }
}

/// The runs of one round: straight, with decisions and loops, forked, with messages, rolled back, stuck.
pub(crate) fn workload() -> Vec<(String, orders::Node, Order)> {
    use orders::Node::{Ordered, Returned};
    let order = |asks, taken| Order { asks, taken, ..Order::default() };
    let faulty = |faults: &[&str]| Order {
        faults: faults.iter().map(|id| (*id).to_owned()).collect(),
        ..order(2, true)
    };
    let not_done = Order { not_done: vec!["n6".to_owned()], ..order(1, false) };
    let runs = [
        ("straight", Returned, Order::default()),
        ("sold", Ordered, order(1, true)),
        ("asked-often", Ordered, order(3, true)),
        ("asked-too-often", Ordered, order(9, true)),
        ("called-off", Ordered, order(2, false)),
        ("not-packed", Ordered, not_done),
        ("faulty-start", Ordered, faulty(&["n2"])),
        ("faulty-branch", Ordered, faulty(&["n8"])),
        ("faulty-after-the-join", Ordered, faulty(&["n9"])),
        ("faulty-message", Ordered, faulty(&["n17"])),
        ("stuck", Ordered, faulty(&["n9", "n13", "n15"])),
        ("failed", Returned, faulty(&["n22"])),
    ];
    runs.into_iter().map(|(id, start, order)| (id.to_owned(), start, order)).collect()
}

/// The nodes where a run may have been or not: those of the other branch, which came as far as it did when
/// one of a fork faulted, and those that undo them.
pub(crate) fn up_to_chance(run: &str) -> &'static [&'static str] {
    if run == "faulty-branch" { &["n6", "n7", "n14"] } else { &[] }
}
