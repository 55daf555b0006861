//! Messages to others: at least once, and in order.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use tokio::net::TcpListener;

use cqrs::bank::Policy;
use cqrs::domain::Command;
use cqrs::lanes::Receiver;

use crate::world::{World, deposit, done, open, policy};

on_both_databases! {
    messages_are_sent_in_order,
    a_receiver_that_fails_is_told_again,
    a_message_whose_sending_was_not_kept_is_sent_again_under_the_same_id,
}

/// A receiver of messages that fails at first.
#[derive(Clone, Default)]
struct Told {
    failures: Arc<Mutex<u32>>,
    /// Ids and topics.
    messages: Arc<Mutex<Vec<(String, String)>>>,
}

impl Told {
    async fn listen(&self) -> Policy {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let routes = Router::new().route("/", post(tell)).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Policy { receiver: Receiver::at(Some(&url)).unwrap(), ..policy() }
    }

    fn topics(&self) -> Vec<String> {
        self.messages.lock().unwrap().iter().map(|(_, topic)| topic.clone()).collect()
    }
}

async fn tell(State(told): State<Told>, headers: HeaderMap, _: String) -> StatusCode {
    let header = |name| headers[name].to_str().unwrap().to_owned();
    told.messages.lock().unwrap().push((header("idempotency-key"), header("topic")));
    let mut failures = told.failures.lock().unwrap();
    if *failures == 0 {
        return StatusCode::OK;
    }
    *failures -= 1;
    StatusCode::INTERNAL_SERVER_ERROR
}

async fn messages_are_sent_in_order(world: World) {
    let told = Told::default();
    let bank = world.bank_with(told.listen().await).await;
    done(&bank, "open-a", "alice", open()).await;
    done(&bank, "open-b", "bob", open()).await;
    done(&bank, "close", "alice", Command::Close).await;
    bank.look().await.unwrap();
    assert_eq!(told.topics(), ["account-opened", "account-opened", "account-closed"]);
    bank.look().await.unwrap();
    assert_eq!(told.topics().len(), 3, "each is sent once where nothing fails");
}

async fn a_receiver_that_fails_is_told_again(world: World) {
    let told = Told::default();
    // As often as a step is tried: what the command sends off fails, and a look later succeeds.
    *told.failures.lock().unwrap() = 3;
    let bank = world.bank_with(told.listen().await).await;
    done(&bank, "open", "alice", open()).await;
    done(&bank, "pay", "alice", deposit(1)).await;
    // The command's own tries and those of looks share the failures, however they come.
    let mut looks = 0;
    while bank.look().await.is_err() {
        looks += 1;
        assert!(looks < 10, "it fails on");
    }
    let ids: Vec<String> = told.messages.lock().unwrap().iter().map(|(id, _)| id.clone()).collect();
    assert_eq!(ids, vec![ids[0].clone(); 4], "the same message each time");
    assert!(world.store().await.unsent(10).await.unwrap().is_empty());
}

async fn a_message_whose_sending_was_not_kept_is_sent_again_under_the_same_id(world: World) {
    let told = Told::default();
    let bank = world.bank_with(told.listen().await).await;
    done(&bank, "open", "alice", open()).await;
    bank.look().await.unwrap();
    // As if the process had been killed between the sending and its note.
    world.execute("UPDATE outbox SET sent_ms = NULL").await;
    bank.look().await.unwrap();
    let messages = told.messages.lock().unwrap();
    assert_eq!((messages.len(), &messages[0]), (2, &messages[1]));
}
