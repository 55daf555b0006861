//! The types of the typed flow, and lanes that do what a script says and record what they get.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use flowgen::data::Undo;
use flowgen::{Did, Fault, Result, Visit};
use serde::{Deserialize, Serialize};

use super::order::delivery::{self, Delivery};
use super::order::store::{self, MoreItems, Reserved, Store};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Order {
    pub(crate) customer: String,
    pub(crate) items: Vec<String>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Item(pub(crate) String);

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Parcel(pub(crate) String);

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Shortage(pub(crate) String);

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Courier(pub(crate) usize);

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Label(pub(crate) String);

/// What a step does instead of its work, at a visit and an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Does {
    FaultsBefore,
    FaultsAfter,
    FaultsNotDone,
    Panics,
    /// Takes so many milliseconds.
    Takes(u64),
}

/// All lanes, and what exists in the world.
#[derive(Clone, Debug, Default)]
pub(crate) struct World {
    /// By method, visit and attempt.
    pub(crate) script: Vec<(&'static str, u32, u32, Does)>,
    /// The item that is sold out.
    pub(crate) sold_out: &'static str,
    /// What `did_reserve` and `did_print_label` answer.
    pub(crate) did: Knows,
    pub(crate) exists: Arc<Mutex<BTreeSet<String>>>,
    pub(crate) log: Arc<Mutex<Vec<String>>>,
}

/// The memory of a lane about its own steps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Knows {
    /// It has no method `did_…` of its own.
    #[default]
    Nothing,
    /// It looks whether the work exists.
    Everything,
    /// It faults.
    Faults,
}

impl World {
    pub(crate) fn with(script: &[(&'static str, u32, u32, Does)]) -> Self {
        Self { script: script.to_vec(), ..Self::default() }
    }

    pub(crate) fn log(&self) -> Vec<String> {
        self.log.lock().unwrap().clone()
    }

    pub(crate) fn exists(&self) -> Vec<String> {
        self.exists.lock().unwrap().iter().cloned().collect()
    }

    fn note(&self, line: String) {
        self.log.lock().unwrap().push(line);
    }

    fn create(&self, what: String) {
        self.exists.lock().unwrap().insert(what);
    }

    /// Begins an attempt, and returns what is to happen after its work.
    async fn enter(&self, visit: &Visit) -> Result<Option<Does>> {
        let at = (visit.node().method, visit.number(), visit.attempt());
        let does = self.script.iter().find(|(method, visit, attempt, _)| (*method, *visit, *attempt) == at);
        let does = does.map(|(.., does)| *does);
        match does {
            Some(Does::FaultsBefore) => Err(Fault::new("refused")),
            Some(Does::FaultsNotDone) => Err(Fault::not_done("closed")),
            Some(Does::Panics) => panic!("a bug in {}", at.0),
            Some(Does::Takes(millis)) => {
                tokio::time::sleep(Duration::from_millis(millis)).await;
                Ok(None)
            }
            after => Ok(after),
        }
    }

    /// Does the work, and fails after it if the script says so.
    async fn work(&self, visit: &Visit, line: String, creates: Option<String>) -> Result {
        let after = self.enter(visit).await?;
        self.note(line);
        if let Some(what) = creates {
            self.create(what);
        }
        if after == Some(Does::FaultsAfter) { Err(Fault::new("the connection broke")) } else { Ok(()) }
    }

    fn did<T>(&self, what: &str, value: T) -> Result<Did<T>> {
        match self.did {
            Knows::Nothing => Ok(Did::Unknown),
            Knows::Faults => Err(Fault::new("no answer")),
            Knows::Everything if self.exists.lock().unwrap().contains(what) => Ok(Did::Done(value)),
            Knows::Everything => Ok(Did::NotDone),
        }
    }
}

fn list(parcels: &[&Parcel]) -> String {
    let parcels: Vec<&str> = parcels.iter().map(|parcel| parcel.0.as_str()).collect();
    parcels.join("+")
}

impl Store for World {
    async fn next_item(
        &self,
        store::takes::NextItem { order, parcel }: store::takes::NextItem<'_>,
        visit: &Visit,
    ) -> Result<Item> {
        let item = Item(order.items[parcel.len()].clone());
        self.work(visit, format!("next [{}] -> {}", list(parcel), item.0), None).await?;
        Ok(item)
    }

    async fn reserve(
        &self,
        store::takes::Reserve { order, item }: store::takes::Reserve<'_>,
        visit: &Visit,
    ) -> Result<Reserved> {
        let id = format!("{}-for-{}", item.0, order.customer);
        if item.0 == self.sold_out {
            self.work(visit, format!("no {}", item.0), None).await?;
            return Ok(Reserved::No(Shortage(item.0.clone())));
        }
        self.work(visit, format!("reserve {id}"), Some(id.clone())).await?;
        Ok(Reserved::Yes(Parcel(id)))
    }

    async fn did_reserve(
        &self,
        store::takes::Reserve { order, item }: store::takes::Reserve<'_>,
        visit: &Visit,
    ) -> Result<Did<Parcel>> {
        assert!(visit.is_inquiry() && visit.cause().is_some());
        let id = format!("{}-for-{}", item.0, order.customer);
        self.note(format!("did_reserve {id} {}?", visit.key()));
        self.did(&id.clone(), Parcel(id))
    }

    async fn more_items(
        &self,
        store::takes::MoreItems { order, parcel }: store::takes::MoreItems<'_>,
        visit: &Visit,
    ) -> Result<MoreItems> {
        self.enter(visit).await?;
        Ok(if parcel.len() < order.items.len() { MoreItems::Yes } else { MoreItems::No })
    }

    async fn tell_failure(
        &self,
        store::takes::TellFailure { order, shortage, label, parcel, cause }: store::takes::TellFailure<'_>,
        visit: &Visit,
    ) -> Result {
        let shortage = shortage.map(|shortage| &shortage.0);
        let label = label.map(|label| &label.0);
        let line = format!("tell {}: {cause}; {shortage:?} {label:?} [{}]", order.customer, list(parcel));
        self.work(visit, line, None).await
    }
}

impl store::Compensation for World {
    async fn release(
        &self,
        undo: Undo<'_, Parcel>,
        store::takes::Release { item }: store::takes::Release<'_>,
        visit: &Visit,
    ) -> Result {
        self.enter(visit).await?;
        let (id, by) = match undo {
            Undo::Done(parcel) => (parcel.0.clone(), "value".to_owned()),
            Undo::InDoubt(key) => (format!("{}-for-Ann", item.0), key.to_string()),
        };
        self.note(format!("release {id} by {by} (item {})", item.0));
        self.exists.lock().unwrap().remove(&id);
        Ok(())
    }
}

impl Delivery for World {
    async fn begin_delivery(
        &self,
        delivery::takes::BeginDelivery { order }: delivery::takes::BeginDelivery<'_>,
        visit: &Visit,
    ) -> Result {
        self.work(visit, format!("begin {}", order.customer), None).await
    }

    async fn book_courier(
        &self,
        delivery::takes::BookCourier { parcel }: delivery::takes::BookCourier<'_>,
        visit: &Visit,
    ) -> Result<Courier> {
        self.work(visit, format!("courier [{}]", list(parcel)), None).await?;
        Ok(Courier(parcel.len()))
    }

    async fn print_label(
        &self,
        delivery::takes::PrintLabel { order }: delivery::takes::PrintLabel<'_>,
        visit: &Visit,
    ) -> Result<Label> {
        let label = format!("to {}", order.customer);
        self.work(visit, format!("label {label}"), Some(label.clone())).await?;
        Ok(Label(label))
    }

    async fn did_print_label(
        &self,
        delivery::takes::PrintLabel { order }: delivery::takes::PrintLabel<'_>,
        visit: &Visit,
    ) -> Result<Did<Label>> {
        let label = format!("to {}", order.customer);
        self.note(format!("did_print_label {label} {}?", visit.key()));
        self.did(&label.clone(), Label(label))
    }

    async fn confirm(
        &self,
        delivery::takes::Confirm { order, courier, label }: delivery::takes::Confirm<'_>,
        visit: &Visit,
    ) -> Result {
        let line = format!("confirm {} van {} {}", order.customer, courier.0, label.0);
        self.work(visit, line, None).await
    }

    async fn notify(
        &self,
        delivery::takes::Notify { order, courier }: delivery::takes::Notify<'_>,
        visit: &Visit,
    ) -> Result {
        self.work(visit, format!("notify {} van {}", order.customer, courier.0), None).await
    }
}

impl delivery::Compensation for World {
    async fn void_label(
        &self,
        undo: Undo<'_, Label>,
        delivery::takes::VoidLabel { order, cause }: delivery::takes::VoidLabel<'_>,
        visit: &Visit,
    ) -> Result {
        self.enter(visit).await?;
        let (label, by) = match undo {
            Undo::Done(label) => (label.0.clone(), "value".to_owned()),
            Undo::InDoubt(key) => (format!("to {}", order.customer), key.to_string()),
        };
        self.note(format!("void {label} by {by}: {cause}"));
        self.exists.lock().unwrap().remove(&label);
        Ok(())
    }
}
