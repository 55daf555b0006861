//! Runs of a flow with declared values.

#[path = "../../../../tests/runner/typed/lanes.rs"]
mod lanes;
#[allow(dead_code, reason = "the tests of the runner use all of it")]
#[path = "../../../../tests/runner/typed/order.rs"]
mod order;
#[path = "../../../../tests/runner/typed/plan.rs"]
mod plan;
#[allow(dead_code, reason = "the tests of the runner use all of it")]
#[path = "../../../../tests/runner/typed/shop.rs"]
mod shop;

use flowgen::data::Data;
use flowgen::{Retry, Runner, Scope, TokioClock};
use flowgen_temporal::Runs;

use crate::server::Server;
use order::{Flow, Node, Start, Value};
use shop::{Does, Knows, Order, World};

fn input() -> (u32, Data<Value>) {
    let order = Order { customer: "Ann".to_owned(), items: vec!["pot".to_owned(), "cup".to_owned()] };
    Start::OrderReceived(order).into_data()
}

/// The lines in an order that does not depend on that of the branches.
fn sorted(mut lines: Vec<String>) -> Vec<String> {
    lines.sort();
    lines
}

/// Runs an order in process and on the server, and compares what the lanes got and what the run gave.
async fn compare(id: &str, retries: usize, world: impl Fn() -> World) {
    let runner = |world: World| {
        let flow: &'static _ = Box::leak(Box::new(Flow { store: world.clone(), delivery: world }));
        Runner::new(flow, input().0).clock(TokioClock).retry(Scope::All, Retry::max_retries(retries))
    };
    let first = world();
    let expected = runner(first.clone()).run_with_id(id, input().1).await;

    let world = world();
    let server = Server::shared().await;
    let runs = Runs::<Node, Data<Value>>::new(server.client().await, format!("typed-{id}"));
    let worker = runs.worker(runner(world.clone()));
    let worker = tokio::spawn(async move { worker.run().await });
    runs.start_at(id, Node::OrderReceived, &input().1).await.unwrap();
    let ended = runs.outcome(id).await.unwrap();
    let mut messages = Vec::new();
    for message in runs.messages(id).await.unwrap() {
        messages.push(runs.outcome(&message).await.unwrap().end());
    }
    worker.abort();
    assert_eq!(ended.end(), expected.end(), "{id}");
    assert_eq!(ended.outcome.to_string(), expected.outcome.to_string(), "{id}");
    assert_eq!(messages, expected.messages.iter().map(flowgen::RunResult::end).collect::<Vec<_>>(), "{id}");
    assert_eq!(sorted(world.log()), sorted(first.log()), "{id}");
    assert_eq!(world.exists(), first.exists(), "{id}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn steps_get_the_values_that_they_take() {
    compare("delivered", 0, World::default).await;
    compare("sold-out", 0, || World { sold_out: "cup", ..World::default() }).await;
    compare("retried", 1, || World::with(&[("reserve", 2, 1, Does::FaultsAfter)])).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rollback_asks_and_undoes_with_the_values_that_the_steps_saw() {
    compare("undone", 0, || World::with(&[("confirm", 1, 1, Does::FaultsAfter)])).await;
    for (id, did) in
        [("unknown", Knows::Nothing), ("known", Knows::Everything), ("unanswered", Knows::Faults)]
    {
        compare(id, 0, || World {
            script: vec![("reserve", 2, 1, Does::FaultsAfter)],
            did,
            ..World::default()
        })
        .await;
    }
}

/// The run continues in new histories, with the ids of its values.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_loop_keeps_the_values_that_it_needs() {
    let items: Vec<String> = (0..30).map(|item| format!("cup-{item}")).collect();
    let order = Order { customer: "Ann".to_owned(), items };
    let (_, input) = Start::OrderReceived(order).into_data();
    let server = Server::shared().await;
    let runs = Runs::<Node, Data<Value>>::new(server.client().await, "typed-long");
    let flow: &'static _ = Box::leak(Box::new(Flow { store: World::default(), delivery: World::default() }));
    let worker = runs.worker(Runner::new(flow, 0));
    let worker = tokio::spawn(async move { worker.run().await });
    runs.start_at("long-order", Node::OrderReceived, &input).await.unwrap();
    let ended = runs.outcome("long-order").await.unwrap();
    worker.abort();
    let Some(order::End::Delivered { parcel, .. }) = ended.end() else { panic!("{}", ended.outcome) };
    assert_eq!(parcel.len(), 30, "over more than one history");
}
