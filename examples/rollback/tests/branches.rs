//! Both ways in which an order goes without a fault.

use flowgen::{Cause, Outcome};
use tempfile::tempdir;

use rollback::drawing::{End, Flow, Node};
use rollback::{Order, Shop};

#[tokio::test]
async fn a_paid_order_is_shipped() {
    let folder = tempdir().unwrap();
    let flow = Flow { shop: Shop::in_folder(folder.path()) };
    let ended = flow.run(Order::new("a book", 24_95, 50_00)).await;
    assert!(ended.outcome.is_completed_at(End::Sold), "{}", ended.outcome);
    let standing = flow.shop.standing().await.unwrap();
    assert_eq!(standing, ["a book set aside", "2495 cents for a book", "a book on its way"]);
}

#[tokio::test]
async fn an_order_beyond_the_card_is_called_off() {
    let folder = tempdir().unwrap();
    let flow = Flow { shop: Shop::in_folder(folder.path()) };
    let ended = flow.run(Order::new("a book", 24_95, 20_00)).await;
    let Outcome::RolledBack { cause: Cause::Drawn { from: Node::Paid, at: Node::Refund } } = ended.outcome
    else {
        panic!("{}", ended.outcome);
    };
    assert_eq!(ended.undone().collect::<Vec<_>>(), [Node::Reserve], "nothing was charged");
    assert!(ended.path_text().ends_with("Called off"), "{}", ended.path_text());
    assert!(flow.shop.standing().await.unwrap().is_empty());
}

#[tokio::test]
async fn concurrent_orders_are_independent() {
    let folder = tempdir().unwrap();
    let flow = Flow { shop: Shop::in_folder(folder.path()) };
    let (paid, declined) = (Order::new("a book", 24_95, 50_00), Order::new("a globe", 99_00, 50_00));
    let (paid, declined) = tokio::join!(flow.run(paid), flow.run(declined));
    assert!(paid.outcome.is_completed() && declined.outcome.is_rolled_back());
    let standing = flow.shop.standing().await.unwrap();
    assert!(standing.len() == 3 && standing.iter().all(|entry| entry.contains("a book")), "{standing:?}");
}
