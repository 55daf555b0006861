//! An exploration accepts a correct service, and finds each kind of mistake in it.

use std::collections::{BTreeMap, BTreeSet};
use std::marker::PhantomData;
use std::sync::{Arc, Mutex};

use flowgen::explore::{Answer, Deviation, Explorer, Gap, Scenario, Script, Wanted};
use flowgen::{Effect, Fault, Outcome, Result, RunResult, Visit};

mod shop {
    flowgen::flow! {
        Shop { # Shop
            n1: circle label:"Ordered"
            n2: rectangle label:"Reserve book"
            n3: rectangle label:"Charge card"
            n4: diamond label:"Card accepted?"
            n5: rectangle label:"Send letter"
            n6: circle label:"Sold"
            n7: rectangle label:"Rollback order"
            n8: rectangle label:"Refund card"
            n9: rectangle label:"Release book"
            n10: circle label:"Not sold"
            n1.handle(right) -> n2.handle(left)
            n2.handle(right) -> n3.handle(left)
            n3.handle(right) -> n4.handle(left)
            n4.handle(right) -> n5.handle(left) [label="Yes"]
            n4.handle(bottom) -> n7.handle(top) [label="No"]
            n4.handle(top) -> n7.handle(left) [label="Card expired"]
            n5.handle(right) -> n6.handle(left)
            n7.handle(right) -> n8.handle(left)
            n8.handle(right) -> n9.handle(left)
            n9.handle(right) -> n10.handle(left)
            n2.handle(bottom) -> n9.handle(top) [label="compensated by"]
            n3.handle(bottom) -> n8.handle(top) [label="compensated by"]
        }
    }
}

use shop::shop::CardAccepted;
use shop::{End, Node};

/// A mistake in the service.
trait Mistake: Send + Sync + 'static {
    /// What the service does wrong.
    const MISTAKE: &'static str = "";
}

/// What the service has done, by idempotency key.
#[derive(Default)]
struct Books {
    entries: BTreeMap<String, u32>,
    marks: BTreeSet<String>,
    declines: Option<&'static str>,
}

/// Does and undoes entries in the books.
struct Service<M>(Arc<Mutex<Books>>, PhantomData<M>);

#[derive(Clone, Debug, Default)]
struct Order {
    decline: Option<&'static str>,
}

impl<M: Mistake> Service<M> {
    fn enter(&self, visit: &Visit) -> Result<Effect> {
        let (key, mut books) = (visit.key().to_string(), self.0.lock().unwrap());
        if books.marks.contains(&key) {
            return Err(Fault::new("it was undone before it was done"));
        }
        let count = books.entries.entry(key).or_default();
        *count = if M::MISTAKE == "ignores the key" { *count + 1 } else { 1 };
        Ok(Effect::Done)
    }

    fn undo(&self, visit: &Visit) {
        let (key, mut books) = (visit.undoes().unwrap().to_string(), self.0.lock().unwrap());
        if M::MISTAKE != "leaves no mark" {
            books.marks.insert(key.clone());
        }
        books.entries.remove(&key);
    }
}

impl<M: Mistake> shop::shop::Shop<Order> for Service<M> {
    async fn reserve_book(&self, _: &mut Order, visit: &Visit) -> Result<Effect> {
        assert!(M::MISTAKE != "panics in a retry" || visit.attempt() == 1);
        self.enter(visit)
    }

    async fn charge_card(&self, order: &mut Order, visit: &Visit) -> Result<Effect> {
        let declines = self.0.lock().unwrap().declines;
        order.decline = declines;
        if declines.is_some() { Ok(Effect::NotDone) } else { self.enter(visit) }
    }

    async fn card_accepted(&self, order: &Order, _: &Visit) -> Result<CardAccepted> {
        Ok(match order.decline {
            None => CardAccepted::Yes,
            Some("Card expired") if M::MISTAKE != "forgets an outcome" => CardAccepted::CardExpired,
            Some(_) => CardAccepted::No,
        })
    }

    async fn send_letter(&self, _: &mut Order, _: &Visit) -> Result {
        Ok(())
    }

    async fn rollback_order(&self, _: &mut Order, _: &Visit) -> Result {
        Ok(())
    }
}

impl<M: Mistake> shop::shop::Compensation<Order> for Service<M> {
    async fn refund_card(&self, order: &mut Order, visit: &Visit) -> Result {
        if M::MISTAKE != "trusts the context" || order.decline.is_some() {
            self.undo(visit);
        }
        Ok(())
    }

    async fn release_book(&self, _: &mut Order, visit: &Visit) -> Result {
        if M::MISTAKE != "drops an undo" {
            self.undo(visit);
        }
        Ok(())
    }
}

/// The service and its books.
struct Tested<M>(Arc<Mutex<Books>>, PhantomData<M>);

impl<M: Mistake> Scenario for Tested<M> {
    type Flow = shop::Flow<Service<M>>;
    type Cx = Order;

    async fn new() -> (Self, Self::Flow, Order) {
        let books = Arc::<Mutex<Books>>::default();
        let flow = shop::Flow { shop: Service(Arc::clone(&books), PhantomData) };
        (Self(books, PhantomData), flow, Order::default())
    }

    async fn bring_about(&self, _: &mut Order, wanted: Wanted<Node>) -> bool {
        let mut books = self.0.lock().unwrap();
        match (wanted.node, wanted.answer) {
            (Node::CardAccepted, Answer::Outcome("Yes")) => books.declines = None,
            (Node::CardAccepted, Answer::Outcome(outcome)) => books.declines = Some(outcome),
            (Node::ChargeCard, Answer::NotDone) => books.declines = Some("No"),
            _ => return false,
        }
        true
    }

    async fn check(&self, ended: &RunResult<Node, Order>) -> Result<(), String> {
        let left: Vec<u32> = self.0.lock().unwrap().entries.values().copied().collect();
        match &ended.outcome {
            Outcome::Completed { end: End::Sold } if left != [1, 1] => Err(format!("sold: {left:?}")),
            Outcome::RolledBack { .. } | Outcome::Failed { .. } if !left.is_empty() => {
                Err(format!("left after the rollback: {left:?}"))
            }
            _ => Ok(()),
        }
    }
}

macro_rules! mistake {
    ($name:ident, $mistake:literal) => {
        struct $name;
        impl Mistake for $name {
            const MISTAKE: &'static str = $mistake;
        }
    };
}

mistake!(NoMistake, "");
mistake!(DropsAnUndo, "drops an undo");
mistake!(IgnoresTheKey, "ignores the key");
mistake!(LeavesNoMark, "leaves no mark");
mistake!(TrustsTheContext, "trusts the context");
mistake!(ForgetsAnOutcome, "forgets an outcome");
mistake!(PanicsInARetry, "panics in a retry");

#[tokio::test]
async fn a_correct_service_passes_and_everything_is_reached() {
    let coverage = Explorer::new().explore::<Tested<NoMistake>>().await.unwrap();
    assert_eq!(coverage.gaps().collect::<Vec<_>>(), [], "{coverage}");
    assert_eq!(coverage.left_out, 0);
    assert!(coverage.runs > 200, "{coverage}");
    // A book can always be reserved: the test asks for nothing else.
    let script = Script::new().at(Node::ReserveBook, 1, Deviation::NotDone);
    assert!(coverage.not_brought_about.contains(&script), "{coverage}");
}

/// The first thing that is wrong, and the script that shows it.
async fn found<M: Mistake>() -> (String, Script<Node>) {
    let found = Explorer::new().explore::<Tested<M>>().await.unwrap_err();
    // The script alone shows it again.
    let again = Explorer::new().replay::<Tested<M>>(&found.script).await.unwrap_err();
    assert_eq!(again.problem, found.problem);
    assert!(found.to_string().contains(&format!("replay::<…>(&{})", found.script)), "{found}");
    (found.problem, found.script)
}

#[tokio::test]
async fn an_undo_that_does_nothing_is_found() {
    let (problem, script) = found::<DropsAnUndo>().await;
    assert_eq!(problem, "left after the rollback: [1]");
    assert_eq!(script, Script::new().at(Node::ReserveBook, 1, Deviation::FaultAfter));
}

#[tokio::test]
async fn an_undo_that_trusts_the_context_is_found() {
    let (problem, script) = found::<TrustsTheContext>().await;
    assert_eq!(problem, "left after the rollback: [1]");
    assert_eq!(script, Script::new().at(Node::ChargeCard, 1, Deviation::FaultAfter));
}

#[tokio::test]
async fn a_key_that_is_ignored_is_found() {
    let (problem, script) = found::<IgnoresTheKey>().await;
    assert_eq!(problem, "sold: [2, 1]");
    assert_eq!(script, Script::new().at(Node::ReserveBook, 1, Deviation::Repeated));
}

#[tokio::test]
async fn an_effect_that_lands_after_its_undo_is_found() {
    let (problem, script) = found::<LeavesNoMark>().await;
    assert_eq!(problem, "left after the rollback: [1]");
    assert_eq!(script, Script::new().at(Node::ReserveBook, 1, Deviation::Late));
}

#[tokio::test]
async fn a_panic_is_found() {
    let (problem, script) = found::<PanicsInARetry>().await;
    assert!(problem.starts_with("a lane panicked: `Reserve book`: "), "{problem}");
    assert_eq!(script, Script::new().at(Node::ReserveBook, 1, Deviation::Repeated));
}

#[tokio::test]
async fn an_outcome_that_no_lane_returns_is_a_gap() {
    let coverage = Explorer::new().explore::<Tested<ForgetsAnOutcome>>().await.unwrap();
    let gaps: Vec<_> = coverage.gaps().collect();
    assert_eq!(gaps, [Gap::NeverReturned(Node::CardAccepted, "Card expired")], "{coverage}");
    assert_eq!(gaps[0].to_string(), "`Card accepted?` never returned `Card expired`");
    assert!(
        coverage.to_string().contains("gap: `Card accepted?` never returned `Card expired`"),
        "{coverage}"
    );
}

#[tokio::test]
async fn beyond_the_limit_pairs_are_chosen_and_the_others_counted() {
    let whole = Explorer::new().explore::<Tested<NoMistake>>().await.unwrap();
    let part = Explorer::new().most_runs(60).seed(7).explore::<Tested<NoMistake>>().await.unwrap();
    assert!(part.runs <= 60 && part.left_out > 0, "{part}");
    assert!(whole.runs + whole.not_brought_about.len() >= part.runs + part.left_out, "{whole}\n{part}");
    assert!(part.to_string().contains("pairs of deviations were left out"), "{part}");
}

mod trip {
    flowgen::flow! {
        Desk { # Trip desk
            n1: circle label:"Asked"
            n2: rectangle label:"Open file"
            n3: rectangle label:"Book hotel"
            n4: rectangle label:"Book car"
            n5: rectangle label:"Send tickets"
            n6: circle label:"Booked"
            n7: rectangle label:"Cancel hotel"
            n8: rectangle label:"Cancel car"
            n1.handle(right) -> n2.handle(left)
            n2.handle(right) -> n3.handle(left)
            n2.handle(bottom) -> n4.handle(left)
            n3.handle(right) -> n5.handle(left)
            n4.handle(right) -> n5.handle(left)
            n5.handle(right) -> n6.handle(left)
            n3.handle(top) -> n7.handle(top) [label="compensated by"]
            n4.handle(bottom) -> n8.handle(top) [label="compensated by"]
        }
    }
}

/// Books a car in the class of the hotel, and takes for granted that the hotel is booked first.
struct Desk(Arc<Mutex<BTreeSet<&'static str>>>);

#[derive(Clone, Debug)]
struct Trip;

impl flowgen::Fork for Trip {
    fn fork(&self) -> Self {
        Self
    }

    fn join(&mut self, _: Self) {}
}

impl trip::desk::Desk<Trip> for Desk {
    async fn open_file(&self, _: &mut Trip, _: &Visit) -> Result {
        Ok(())
    }

    async fn book_hotel(&self, _: &mut Trip, _: &Visit) -> Result<Effect> {
        self.0.lock().unwrap().insert("hotel");
        Ok(Effect::Done)
    }

    async fn book_car(&self, _: &mut Trip, _: &Visit) -> Result<Effect> {
        let mut booked = self.0.lock().unwrap();
        assert!(booked.contains("hotel"), "no hotel to take the class from");
        booked.insert("car");
        Ok(Effect::Done)
    }

    async fn send_tickets(&self, _: &mut Trip, _: &Visit) -> Result {
        Ok(())
    }
}

impl trip::desk::Compensation<Trip> for Desk {
    async fn cancel_hotel(&self, _: &mut Trip, _: &Visit) -> Result {
        self.0.lock().unwrap().remove("hotel");
        Ok(())
    }

    async fn cancel_car(&self, _: &mut Trip, _: &Visit) -> Result {
        self.0.lock().unwrap().remove("car");
        Ok(())
    }
}

struct Booking(Arc<Mutex<BTreeSet<&'static str>>>);

impl Scenario for Booking {
    type Flow = trip::Flow<Desk>;
    type Cx = Trip;

    async fn new() -> (Self, Self::Flow, Trip) {
        let booked = Arc::<Mutex<BTreeSet<&'static str>>>::default();
        (Self(Arc::clone(&booked)), trip::Flow { desk: Desk(booked) }, Trip)
    }

    async fn check(&self, ended: &RunResult<trip::Node, Trip>) -> Result<(), String> {
        let booked = self.0.lock().unwrap();
        if ended.outcome.is_completed() || booked.is_empty() { Ok(()) } else { Err(format!("{booked:?}")) }
    }
}

#[tokio::test]
async fn what_one_branch_takes_for_granted_of_another_is_found() {
    let delayed = Script::new().at(trip::Node::BookHotel, 1, Deviation::Delayed);
    let found = Explorer::new().replay::<Booking>(&delayed).await.unwrap_err();
    assert!(found.problem.contains("no hotel to take the class from"), "{found}");
    let in_order = Explorer::new().replay::<Booking>(&Script::new()).await.unwrap();
    assert!(in_order.outcome.is_completed(), "{}", in_order.outcome);
}

#[tokio::test]
async fn a_cancelled_run_is_rolled_back() {
    let script = Script::new().at(Node::SendLetter, 1, Deviation::Cancelled);
    let ended = Explorer::new().replay::<Tested<NoMistake>>(&script).await.unwrap();
    assert!(
        matches!(ended.outcome, Outcome::RolledBack { cause: flowgen::Cause::Cancelled }),
        "{}",
        ended.outcome
    );
    assert_eq!(ended.undone().count(), 2);
}
