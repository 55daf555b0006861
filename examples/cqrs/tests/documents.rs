//! The OpenAPI documents say what the service does.

mod figures;
mod openapi;
#[allow(dead_code, reason = "each test uses a part of it")]
mod served;

use figures::Figures;
use openapi::{Document, statuses_agree};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use served::{Served, served};

const FROZEN: &str = "INSERT INTO events (account, version, kind, shape, body, at_ms)
    VALUES ('bob', 2, 'frozen', 1, '{}', 0), ('bob', 3, 'frozen', 1, '{}', 0),
           ('carol', 2, 'frozen', 1, '{}', 0)";

const MEND: &str = r#"UPDATE events SET kind = 'deposited', shape = 2, body = '{"cents":1,"reference":""}'
    WHERE account = 'carol' AND version = 2"#;

/// Sends a command to an account that is opened, one that is damaged, and one that is neither.
async fn command(service: &Served, what: &str, body: Value) {
    let send = async |account: &str, if_match: &str, body: &Value| {
        let post = service.post(&format!("/accounts/{account}/{what}")).header("if-match", if_match);
        post.json(body).send().await.unwrap().status().as_u16()
    };
    let first = if what == "opening" { "new" } else { "alice" };
    let unconditional = service.post(&format!("/accounts/{first}/{what}")).json(&body).send().await.unwrap();
    assert_eq!(unconditional.status(), 200, "{what}");
    assert_eq!(send("alice", "\"99\"", &body).await, 412, "{what}");
    assert_eq!(send("alice", "*", &json!({ "wrong": 1 })).await, 422, "{what}");
    let damaged = service.post(&format!("/accounts/bob/{what}")).json(&body).send().await.unwrap();
    assert_eq!(damaged.status(), 409, "{what}");
    if what != "opening" {
        let unknown = service.post(&format!("/accounts/nobody/{what}")).json(&body).send().await.unwrap();
        assert_eq!(unknown.status(), 404, "{what}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_and_routes_agree() {
    let (service, client) = (served().await, Client::new());
    let customers = Document::of(&client, &service.customers()).await;
    let operators = Document::of(&client, &service.operators()).await;
    let (health, openapi) =
        (include_str!("../src/service/health.rs"), include_str!("../src/service/openapi.rs"));
    let (commands, queries) =
        (include_str!("../src/http/commands.rs"), include_str!("../src/http/queries.rs"));
    customers.agrees_with_routes_of(&[commands, queries, health, openapi]).await;
    let metrics = include_str!("../src/service/metrics.rs");
    operators
        .agrees_with_routes_of(&[include_str!("../src/http/operators.rs"), metrics, health, openapi])
        .await;

    // One way into each status.
    for account in ["alice", "bob", "carol"] {
        service.done(&format!("/accounts/{account}/opening"), account, json!({ "owner": "A" })).await;
    }
    rusqlite::Connection::open(service.database()).unwrap().execute_batch(FROZEN).unwrap();
    service.until("/dead-letters", |letters| letters.as_array().unwrap().len() == 3).await;
    command(&service, "opening", json!({ "owner": "A" })).await;
    command(&service, "deposits", json!({ "cents": 1 })).await;
    command(&service, "withdrawals", json!({ "cents": 1 })).await;
    command(&service, "closing", json!({})).await;
    for path in ["/live", "/ready", "/accounts", "/accounts/alice", "/accounts/alice/statement"] {
        assert_eq!(service.get(path).await.status(), 200, "{path}");
    }
    for path in ["/accounts", "/accounts/bob", "/accounts/bob/statement"] {
        assert_eq!(service.get_with(path, 6).await.status(), 503, "{path}");
    }
    for path in ["/accounts/nobody", "/accounts/nobody/statement"] {
        assert_eq!(service.get(path).await.status(), 404, "{path}");
    }
    for path in ["/views", "/dead-letters", "/dead-letters/settled", "/events"] {
        assert_eq!(service.operate(path).await.status(), 200, "{path}");
    }
    let reason = || Some(json!({ "reason": "ticket 7" }));
    let mut decided = vec![
        ("/dead-letters/4/retry", None, 409),
        ("/dead-letters/1/retry", None, 404),
        ("/dead-letters/1/skip", reason(), 404),
        ("/dead-letters/4/skip", Some(json!({})), 422),
        ("/dead-letters/5/skip", reason(), 409),
        ("/dead-letters/4/skip", reason(), 204),
    ];
    rusqlite::Connection::open(service.database()).unwrap().execute_batch(MEND).unwrap();
    decided.push(("/dead-letters/6/retry", None, 204));
    for (path, body, status) in decided {
        assert_eq!(service.decide(path, body).await.status(), status, "{path}");
    }
    let mut is_refused = false;
    while !is_refused {
        let both = tokio::join!(service.rebuild(), service.rebuild());
        is_refused = [both.0, both.1].iter().any(|answer| answer.status() == 409);
    }
    let ask = || service.operator(Method::GET, "/metrics").send();
    drop(ask().await.unwrap());
    let figures = Figures::of(ask().await.unwrap()).await;
    // While it goes down.
    statuses_agree(&[customers, operators], &figures, &[("GET", "/ready", 503)]);
}
