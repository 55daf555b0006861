//! The drawing was changed while runs were under way.

use std::time::Duration;

use flowgen::{Effect, Result, Visit};
use flowgen_sqlite::{Engine, Error};
use tempfile::TempDir;

use crate::shop::{Order, Seller, open};

/// Another step comes first in the drawing and another follows; what runs have been at means the same.
mod longer {
    flowgen::flow! {
        // Paying is the last step.
        #![allow(F405)]
        Shop { # Shop
            n20: rectangle label:"Wrap goods"
            n1: circle label:"Ordered"
            n2: rectangle label:"Reserve goods"
            n3: rectangle label:"Pay"
            n4: circle label:"Sold"
            n5: rectangle label:"Release goods"
            n1.handle(right) -> n2.handle(left)
            n2.handle(right) -> n3.handle(left)
            n3.handle(right) -> n20.handle(left)
            n20.handle(right) -> n4.handle(left)
            n2.handle(bottom) -> n5.handle(top) [label="compensated by"]
        }
    }
}

/// Nothing undoes the first step any more.
mod bolder {
    flowgen::flow! {
        // Paying is the last step.
        #![allow(F405)]
        Shop { # Shop
            n1: circle label:"Ordered"
            n2: rectangle label:"Reserve goods"
            n3: rectangle label:"Pay at once"
            n4: circle label:"Sold"
            n1.handle(right) -> n2.handle(left)
            n2.handle(right) -> n3.handle(left)
            n3.handle(right) -> n4.handle(left)
        }
    }
}

impl longer::shop::Shop<Order> for Seller {
    async fn wrap_goods(&self, order: &mut Order, visit: &Visit) -> Result {
        order.done.push(visit.key().to_string());
        Ok(())
    }

    async fn reserve_goods(&self, order: &mut Order, visit: &Visit) -> Result<Effect> {
        crate::shop::flow::shop::Shop::reserve_goods(self, order, visit).await
    }

    async fn pay(&self, order: &mut Order, visit: &Visit) -> Result {
        crate::shop::flow::shop::Shop::pay(self, order, visit).await
    }
}

impl longer::shop::Compensation<Order> for Seller {
    async fn release_goods(&self, order: &mut Order, visit: &Visit) -> Result {
        crate::shop::flow::shop::Compensation::release_goods(self, order, visit).await
    }
}

impl bolder::shop::Shop<Order> for Seller {
    async fn reserve_goods(&self, _: &mut Order, _: &Visit) -> Result {
        Ok(())
    }

    async fn pay_at_once(&self, _: &mut Order, _: &Visit) -> Result {
        Ok(())
    }
}

/// A file with a run that has ended, one that is stuck and one that pays.
async fn file() -> TempDir {
    let (folder, seller) = (TempDir::new().unwrap(), Seller::new());
    let runs = open(folder.path(), &seller).await;
    let _ = runs.start("sold", Order::default()).await.unwrap();
    let _ = runs.outcome("sold").await.unwrap();
    let _ = runs.start("stuck", Order::faulty(&["n3", "n5"])).await.unwrap();
    let _ = runs.outcome("stuck").await.unwrap();
    let _ = runs.start("paying", Order::waiting(&["n3"])).await.unwrap();
    seller.begins("paying/n3/1 #1").await;
    runs.shutdown(Duration::ZERO).await;
    folder
}

#[tokio::test]
async fn runs_go_on_where_what_they_know_means_the_same() {
    let (folder, seller) = (file().await, Seller::new());
    seller.open();
    seller.mend();
    let path = folder.path().join("runs.db");
    let runner = || longer::Flow { shop: seller.clone() }.into_runner();
    let runs: Engine<longer::Node, Order> = Engine::open(&path, runner()).await.unwrap();
    assert!(runs.resume().await.unwrap().refused.is_empty());
    let ended = runs.ended("paying").await.unwrap();
    assert_eq!(ended.path_text(), "Ordered → Reserve goods → Pay → Wrap goods → Sold");
    assert_eq!(ended.cx.done, ["paying/n2/1", "paying/n3/1", "paying/n20/1"]);
    let ended = runs.ended("sold").await.unwrap();
    assert_eq!(ended.path_text(), "Ordered → Reserve goods → Pay → Sold");
    runs.retry("stuck").await.unwrap();
    assert!(runs.outcome("stuck").await.unwrap().is_rolled_back());
    runs.shutdown(Duration::from_secs(1)).await;

    // What was numbered anew is still what it was.
    let runs: Engine<longer::Node, Order> = Engine::open(&path, runner()).await.unwrap();
    for (id, walk) in [
        ("paying", "Ordered, Reserve goods, Pay, Wrap goods, Sold"),
        ("sold", "Ordered, Reserve goods, Pay, Sold"),
    ] {
        let path = runs.show(id).await.unwrap().report.path;
        assert_eq!(path.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "), walk);
    }
    let last = runs.show("stuck").await.unwrap().report.path.pop().unwrap().to_string();
    assert_eq!(last, "Release goods (undid `Reserve goods`)");
}

#[tokio::test]
async fn runs_are_refused_by_name_where_it_does_not_and_stay_as_they_are() {
    let (folder, seller) = (file().await, Seller::new());
    let path = folder.path().join("runs.db");
    let runner = bolder::Flow { shop: seller.clone() }.into_runner();
    let runs: Engine<bolder::Node, Order> = Engine::open(&path, runner).await.unwrap();
    let resumed = runs.resume().await.unwrap();
    let refused: Vec<String> = resumed.refused.iter().map(ToString::to_string).collect();
    let message = "run `paying` was begun with another drawing: `Reserve goods` (n2) had the compensation \
        `Release goods` (n5), and has none now; `Pay` (n3) had the label `Pay`, and has `Pay at once` now";
    assert_eq!((resumed.runs, &refused[..]), (0, &[message.to_owned()][..]));
    assert!(matches!(runs.retry("stuck").await, Err(Error::Refused(_))));
    assert!(matches!(runs.outcome("sold").await, Err(Error::Refused(_))));
    let shown = runs.show("paying").await.unwrap().report;
    assert_eq!(shown.at[0].node.label, "Pay", "it is shown in the words of its drawing");
    let _ = runs.start("new", Order::default()).await.unwrap();
    assert!(runs.outcome("new").await.unwrap().is_completed());
    runs.shutdown(Duration::from_secs(1)).await;

    let runs = open(folder.path(), &seller).await;
    seller.open();
    let resumed = runs.resume().await.unwrap();
    assert_eq!((resumed.runs, resumed.refused.len()), (1, 0));
    assert!(runs.outcome("paying").await.unwrap().is_completed());
}
