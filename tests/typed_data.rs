//! A flow that declares its data: an order with a loop, a fork, a decision that its step answers, compensations, and
//! ends with values.

#![deny(warnings, clippy::pedantic)]
#![allow(clippy::unwrap_used, clippy::panic)]

mod shop {
    pub(crate) struct Order {
        pub(crate) customer: String,
        pub(crate) items: Vec<&'static str>,
        pub(crate) limit: usize,
    }
    pub(crate) struct Parcel(pub(crate) String);
    pub(crate) struct Charge(pub(crate) usize);
    pub(crate) struct Decline(pub(crate) &'static str);
    pub(crate) struct Courier(pub(crate) u32);
}

mod order {
    flowgen::flow! {
        #![data {
            use crate::shop::{Charge, Courier, Decline, Order, Parcel};

            order_received -> order: Order;
            pack_item(order, [parcel]) -> parcel: Parcel;
            more_items(order, [parcel]);
            charge_card(order, [parcel]) -> Accepted(charge: Charge), Declined(decline: Decline) done: Accepted;
            book_courier([parcel]) -> courier: Courier;
            print_label(order) -> label: String;
            hand_over(courier, label);
            report_failure(order, decline?, [parcel], cause);
            refund_card(order);
            delivered(order, charge, courier, [parcel]);
            not_delivered(order, decline?);
        }]
        Shop { # Shop
            n1: circle label:"Order received"
            n2: rectangle label:"Pack item"
            n3: diamond label:"More items?"
            n4: rectangle label:"Charge card"
            n5: diamond label:"Charged?"
            n6: rectangle label:"Report failure"
            n7: rectangle label:"Refund card"
            n8: circle label:"Not delivered"
            n16: rectangle label:"Unpack item"
            n1.handle(right) -> n2.handle(left)
            n2.handle(right) -> n3.handle(left)
            n3.handle(right) -> n2.handle(left) [label="Yes"]
            n3.handle(right) -> n4.handle(left) [label="No"]
            n4.handle(right) -> n5.handle(left)
            n5.handle(right) -> Delivery.n9.handle(left) [label="Accepted"]
            n5.handle(bottom) -> n6.handle(top) [label="Declined"]
            n4.handle(bottom) -> n7.handle(left) [label="compensated by"]
            n2.handle(bottom) -> n16.handle(left) [label="compensated by"]
            n6.handle(right) -> n7.handle(left)
            n7.handle(right) -> n16.handle(left)
            n16.handle(right) -> n8.handle(left)
        }
        Delivery { # Delivery
            n9: rectangle label:"Prepare delivery"
            n10: rectangle label:"Book courier"
            n11: rectangle label:"Print label"
            n12: rectangle label:"Hand over"
            n13: circle label:"Delivered"
            n9.handle(right) -> n10.handle(left)
            n9.handle(right) -> n11.handle(left)
            n10.handle(right) -> n12.handle(left)
            n11.handle(right) -> n12.handle(left)
            n12.handle(right) -> n13.handle(left)
        }
    }
}

use std::sync::Mutex;

use flowgen::data::Undo;
use flowgen::{Did, Outcome, Result, Visit};
use order::delivery::{self, Delivery};
use order::shop::{self as lane, Charged, Compensation, MoreItems, Shop};
use order::{End, Flow};
use shop::{Charge, Courier, Decline, Order, Parcel};

#[derive(Default)]
struct World {
    log: Mutex<Vec<String>>,
    breaks_after_charge: bool,
    remembers: bool,
}

impl World {
    fn log(&self, line: String) {
        self.log.lock().unwrap().push(line);
    }
}

impl Shop for &World {
    async fn pack_item(
        &self,
        lane::takes::PackItem { order, parcel }: lane::takes::PackItem<'_>,
        _: &Visit,
    ) -> Result<Parcel> {
        Ok(Parcel(order.items[parcel.len()].to_owned()))
    }

    async fn more_items(
        &self,
        lane::takes::MoreItems { order, parcel }: lane::takes::MoreItems<'_>,
        _: &Visit,
    ) -> Result<MoreItems> {
        Ok(if parcel.len() < order.items.len() { MoreItems::Yes } else { MoreItems::No })
    }

    async fn charge_card(
        &self,
        lane::takes::ChargeCard { order, parcel }: lane::takes::ChargeCard<'_>,
        _: &Visit,
    ) -> Result<Charged> {
        if parcel.len() > order.limit {
            return Ok(Charged::Declined(Decline("too many")));
        }
        self.log(format!("charge {}", order.customer));
        if self.breaks_after_charge {
            return Err("the connection is gone".into());
        }
        Ok(Charged::Accepted(Charge(parcel.len())))
    }

    async fn did_charge_card(
        &self,
        lane::takes::ChargeCard { parcel, .. }: lane::takes::ChargeCard<'_>,
        visit: &Visit,
    ) -> Result<Did<Charge>> {
        self.log(format!("did {}?", visit.key().node()));
        Ok(if self.remembers { Did::Done(Charge(parcel.len())) } else { Did::Unknown })
    }

    async fn report_failure(
        &self,
        lane::takes::ReportFailure { order, decline, parcel, cause }: lane::takes::ReportFailure<'_>,
        _: &Visit,
    ) -> Result {
        let why = decline.map_or("a fault", |decline| decline.0);
        let by = matches!(cause, flowgen::Cause::Fault(_));
        self.log(format!("tell {}: {why}, {} parcels, {by}", order.customer, parcel.len()));
        Ok(())
    }
}

impl Compensation for &World {
    async fn refund_card(
        &self,
        undo: Undo<'_, Charge>,
        lane::takes::RefundCard { order }: lane::takes::RefundCard<'_>,
        _: &Visit,
    ) -> Result {
        match undo {
            Undo::Done(charge) => self.log(format!("refund {} {}", order.customer, charge.0)),
            Undo::InDoubt(key) => self.log(format!("refund {} by {}", order.customer, key.node())),
        }
        Ok(())
    }

    async fn unpack_item(&self, undo: Undo<'_, Parcel>, _: &Visit) -> Result {
        if let Undo::Done(parcel) = undo {
            self.log(format!("unpack {}", parcel.0));
        }
        Ok(())
    }
}

impl Delivery for &World {
    async fn prepare_delivery(&self, _: &Visit) -> Result {
        Ok(())
    }

    async fn book_courier(
        &self,
        delivery::takes::BookCourier { parcel }: delivery::takes::BookCourier<'_>,
        _: &Visit,
    ) -> Result<Courier> {
        Ok(Courier(if parcel.len() > 1 { 2 } else { 1 }))
    }

    async fn print_label(
        &self,
        delivery::takes::PrintLabel { order }: delivery::takes::PrintLabel<'_>,
        _: &Visit,
    ) -> Result<String> {
        Ok(format!("to {}", order.customer))
    }

    async fn hand_over(
        &self,
        delivery::takes::HandOver { courier, label }: delivery::takes::HandOver<'_>,
        _: &Visit,
    ) -> Result {
        self.log(format!("hand over {label}, courier {}", courier.0));
        Ok(())
    }
}

fn run(world: &World, limit: usize) -> Option<End> {
    let order = Order { customer: "Ann".to_owned(), items: vec!["pot", "cup"], limit };
    let flow = Flow { shop: world, delivery: world };
    let mut running = flow.run(order);
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    let std::task::Poll::Ready(ended) = running.as_mut().poll(&mut cx) else { panic!("no step waits") };
    assert!(matches!(ended.outcome, Outcome::Completed { .. } | Outcome::RolledBack { .. }));
    ended.end()
}

#[test]
fn an_end_has_the_values_of_the_run() {
    let world = World::default();
    let Some(End::Delivered { order, charge, courier, parcel }) = run(&world, 2) else { panic!() };
    assert_eq!((&*order.customer, charge.0, courier.0, parcel.len()), ("Ann", 2, 2, 2));
    assert_eq!(*world.log.lock().unwrap(), ["charge Ann", "hand over to Ann, courier 2"]);
}

#[test]
fn an_outcome_that_is_not_done_is_not_undone() {
    let world = World::default();
    let Some(End::NotDelivered { decline: Some(decline), .. }) = run(&world, 1) else { panic!() };
    assert_eq!(decline.0, "too many");
    let expected = ["tell Ann: too many, 2 parcels, false", "unpack cup", "unpack pot"];
    assert_eq!(*world.log.lock().unwrap(), expected);
}

#[test]
fn a_step_in_doubt_is_asked_before_it_is_undone() {
    for remembers in [false, true] {
        let world = World { breaks_after_charge: true, remembers, ..World::default() };
        let end = run(&world, 2);
        assert!(matches!(end, Some(End::NotDelivered { decline: None, .. })));
        let refund = if remembers { "refund Ann 2" } else { "refund Ann by n4" };
        let expected = [
            "charge Ann",
            "did n4?",
            "tell Ann: a fault, 2 parcels, true",
            refund,
            "unpack cup",
            "unpack pot",
        ];
        assert_eq!(*world.log.lock().unwrap(), expected);
    }
}
