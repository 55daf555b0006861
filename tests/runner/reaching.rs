//! An exploration reaches what only another start or two deviations lead to, and goes on where a call held a lock.

use std::sync::Arc;

use flowgen::explore::{Answer, Coverage, Deviation, Explorer, Gap, Scenario, Script, Wanted};
use flowgen::{Result, RunResult, Visit};

mod doors {
    flowgen::flow! {
        Shop { # Shop
            n1: circle label:"Ordered"
            n2: circle label:"Returned"
            n3: rectangle label:"Open till"
            n4: diamond label:"Money comes in?"
            n5: circle label:"Sold"
            n6: circle label:"Paid back"
            n1.handle(right) -> n3.handle(left)
            n2.handle(right) -> n3.handle(bottom)
            n3.handle(right) -> n4.handle(left)
            n4.handle(right) -> n5.handle(left) [label="Yes"]
            n4.handle(bottom) -> n6.handle(top) [label="No"]
        }
    }
}

/// A till with one key: whoever opens it keeps the key until the context ends.
struct Till(Arc<tokio::sync::Mutex<()>>);

#[derive(Clone)]
struct Customer {
    pays: bool,
    key: Option<Arc<tokio::sync::OwnedMutexGuard<()>>>,
}

impl doors::shop::Shop<Customer> for Till {
    async fn open_till(&self, customer: &mut Customer, _: &Visit) -> Result {
        customer.key = Some(Arc::new(Arc::clone(&self.0).lock_owned().await));
        Ok(())
    }

    async fn money_comes_in(&self, customer: &Customer, _: &Visit) -> Result<doors::shop::MoneyComesIn> {
        use doors::shop::MoneyComesIn;
        Ok(if customer.pays { MoneyComesIn::Yes } else { MoneyComesIn::No })
    }
}

/// A customer who comes in by one of the doors.
struct At<const RETURNS: bool>;

impl<const RETURNS: bool> Scenario for At<RETURNS> {
    type Flow = doors::Flow<Till>;
    type Cx = Customer;

    async fn new() -> (Self, Self::Flow, Customer) {
        (Self, doors::Flow { shop: Till(Arc::default()) }, Customer { pays: !RETURNS, key: None })
    }

    fn start() -> doors::Node {
        if RETURNS { doors::Node::Returned } else { doors::Node::Ordered }
    }

    async fn check(&self, _: &RunResult<doors::Node, Customer>) -> Result<(), String> {
        Ok(())
    }
}

#[tokio::test]
async fn scenarios_of_several_starts_are_added_up() {
    use doors::Node::{MoneyComesIn, Ordered, PaidBack, Returned, Sold};

    let mut coverage = Explorer::new().explore::<At<false>>().await.unwrap();
    let returned = Explorer::new().explore::<At<true>>().await.unwrap();
    let gaps = |coverage: &Coverage<_>| coverage.gaps().collect::<Vec<_>>();
    let never = Gap::NeverReturned(MoneyComesIn, "No");
    assert_eq!(gaps(&coverage), [Gap::NotReached(Returned), never, Gap::NotReached(PaidBack)]);
    let never = Gap::NeverReturned(MoneyComesIn, "Yes");
    assert_eq!(gaps(&returned), [Gap::NotReached(Ordered), never, Gap::NotReached(Sold)]);
    let (runs, not_brought_about) = (coverage.runs, coverage.not_brought_about.len());
    let (runs, all) = (runs + returned.runs, not_brought_about + returned.not_brought_about.len());
    coverage.merge(returned);
    assert_eq!(gaps(&coverage), []);
    assert_eq!((coverage.runs, coverage.not_brought_about.len()), (runs, all), "{coverage}");
}

/// An interrupted call took the key of the till; the call after the restart gets it.
#[tokio::test]
async fn what_an_interrupted_call_holds_ends_with_it() {
    let script = Script::new().at(doors::Node::OpenTill, 1, Deviation::Repeated);
    let explorer = Explorer::new();
    let replayed = explorer.replay::<At<false>>(&script);
    let replayed = tokio::time::timeout(std::time::Duration::from_secs(60), replayed).await;
    assert!(replayed.expect("it waits forever").unwrap().outcome.is_completed_at(doors::End::Sold));
}

/// A shop that asks twice: its second answer is only reached after a certain first one.
mod questions {
    flowgen::flow! {
        Shop { # Shop
            n1: circle label:"Ordered"
            n2: diamond label:"In stock?"
            n3: diamond label:"Can wait?"
            n4: circle label:"Sold"
            n5: circle label:"Ordered from the printer"
            n6: circle label:"Not sold"
            n1.handle(right) -> n2.handle(left)
            n2.handle(right) -> n4.handle(left) [label="Yes"]
            n2.handle(bottom) -> n3.handle(top) [label="No"]
            n3.handle(right) -> n5.handle(left) [label="Yes"]
            n3.handle(bottom) -> n6.handle(top) [label="No"]
        }
    }
}

struct Clerk;

#[derive(Clone, Copy)]
struct Wish {
    is_in_stock: bool,
    can_wait: bool,
}

impl questions::shop::Shop<Wish> for Clerk {
    async fn in_stock(&self, wish: &Wish, _: &Visit) -> Result<questions::shop::InStock> {
        use questions::shop::InStock;
        Ok(if wish.is_in_stock { InStock::Yes } else { InStock::No })
    }

    async fn can_wait(&self, wish: &Wish, _: &Visit) -> Result<questions::shop::CanWait> {
        use questions::shop::CanWait;
        Ok(if wish.can_wait { CanWait::Yes } else { CanWait::No })
    }
}

struct Wishes;

impl Scenario for Wishes {
    type Flow = questions::Flow<Clerk>;
    type Cx = Wish;

    async fn new() -> (Self, Self::Flow, Wish) {
        (Self, questions::Flow { shop: Clerk }, Wish { is_in_stock: true, can_wait: true })
    }

    async fn bring_about(&self, wish: &mut Wish, wanted: Wanted<questions::Node>) -> bool {
        match (wanted.node, wanted.answer) {
            (questions::Node::InStock, Answer::Outcome(outcome)) => wish.is_in_stock = outcome == "Yes",
            (questions::Node::CanWait, Answer::Outcome(outcome)) => wish.can_wait = outcome == "Yes",
            _ => return false,
        }
        true
    }

    async fn check(&self, _: &RunResult<questions::Node, Wish>) -> Result<(), String> {
        Ok(())
    }
}

#[tokio::test]
async fn a_pair_that_wants_a_new_outcome_is_tried_whatever_the_limit() {
    let whole = Explorer::new().explore::<Wishes>().await.unwrap();
    for seed in 1..5 {
        let coverage = Explorer::new().most_runs(1).seed(seed).explore::<Wishes>().await.unwrap();
        assert_eq!(coverage.gaps().count(), 0, "{coverage}");
        // Of the pairs, only the one that wants it.
        assert!(coverage.left_out > 0, "{coverage}");
        assert_eq!(coverage.runs + coverage.left_out, whole.runs, "{coverage}\n{whole}");
    }
}
