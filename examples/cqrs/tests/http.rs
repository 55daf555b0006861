//! The service over real sockets.

mod figures;
#[allow(dead_code, reason = "each test uses a part of it")]
mod served;

use std::time::Duration;

use cqrs::service::access::Token;
use figures::Figures;
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};
use served::{Served, served, served_in, served_with};

/// A service with an account that holds five euros.
async fn with_alice() -> Served {
    let service = served().await;
    service.done("/accounts/alice/opening", "open", json!({ "owner": "Alice" })).await;
    service.done("/accounts/alice/deposits", "pay", json!({ "cents": 500, "reference": "wages" })).await;
    service
}

/// The detail of an answer that is a problem.
async fn problem(answer: Response, status: StatusCode) -> String {
    assert_eq!(answer.status(), status);
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
    let problem: Value = answer.json().await.unwrap();
    assert_eq!(problem["status"], status.as_u16());
    problem["detail"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_are_done_and_queries_show_it() {
    let service = with_alice().await;
    let rent = json!({ "cents": 200, "reference": "rent" });
    let token = service.done("/accounts/alice/withdrawals", "rent", rent).await;
    let noon = "2025-01-01T12:00:00.000Z";
    let account = json!({
        "account": "alice", "owner": "Alice", "cents": 300, "is_closed": false,
        "version": 3, "opened": noon, "changed": noon,
    });
    assert_eq!(service.ask("/accounts/alice", token).await, account);
    assert_eq!(service.ask("/accounts?limit=5", token).await, json!([account]));
    let statement = service.ask("/accounts/alice/statement", token).await;
    let line = |version: i64, cents: i64, balance: i64, reference: &str| json!({ "version": version, "cents": cents, "balance": balance, "reference": reference, "at": noon });
    assert_eq!(statement["lines"], json!([line(3, -200, 300, "rent"), line(2, 500, 500, "wages")]));
    assert_eq!(statement["owner"], "Alice");
    let page = service.ask("/accounts/alice/statement?before=3&limit=1", token).await;
    assert_eq!(page["lines"], json!([line(2, 500, 500, "wages")]));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_is_the_same_command() {
    let service = with_alice().await;
    for _ in 0..3 {
        let again =
            service.send("/accounts/alice/deposits", "pay", json!({ "cents": 500, "reference": "wages" }));
        let receipt: Value = again.await.error_for_status().unwrap().json().await.unwrap();
        assert_eq!(receipt, json!({ "account": "alice", "version": 2, "token": 2, "before": true }));
    }
    let other = service.send("/accounts/alice/deposits", "pay", json!({ "cents": 501 })).await;
    let why = problem(other, StatusCode::UNPROCESSABLE_ENTITY).await;
    assert!(why.contains("another command"), "{why}");
    assert_eq!(service.ask("/accounts/alice", 2).await["cents"], 500);
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_without_a_key_are_commands_of_their_own() {
    let service = with_alice().await;
    let mut token = 0;
    for _ in 0..2 {
        let paid =
            service.post("/accounts/alice/deposits").json(&json!({ "cents": 1 })).send().await.unwrap();
        let receipt: Value = paid.error_for_status().unwrap().json().await.unwrap();
        token = receipt["token"].as_i64().unwrap();
    }
    assert_eq!(service.ask("/accounts/alice", token).await["cents"], 502);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_is_held_to_the_versions_of_if_match() {
    let service = with_alice().await;
    let take = async |seen: &str| {
        let post = service.post("/accounts/alice/withdrawals").header("if-match", seen);
        post.json(&json!({ "cents": 1 })).send().await.unwrap()
    };
    for other in ["\"1\"", "\"3\", \"1\"", "W/\"2\"", "\"02\"", "\"\"", "\"two,2\""] {
        let why = problem(take(other).await, StatusCode::PRECONDITION_FAILED).await;
        assert!(why.contains("not at the version of `If-Match`"), "{why}");
    }
    for (version, seen) in (3..).zip(["\"2\"", "*", "\"9\", \"4\"", "W/\"5\" , \"5\"", ",\"6\","]) {
        let done = take(seen).await;
        assert_eq!(done.status(), StatusCode::OK, "{seen}");
        assert_eq!(done.headers()["etag"], format!("\"{version}\""));
    }
    for wrong in ["seven", "7", "\"7", "*, \"7\"", ","] {
        let why = problem(take(wrong).await, StatusCode::BAD_REQUEST).await;
        assert!(why.contains("`If-Match`"), "{why}");
    }
    let two_lines = service.post("/accounts/alice/withdrawals").header("if-match", "\"1\"");
    let two_lines = two_lines.header("if-match", "\"7\"").json(&json!({ "cents": 1 })).send().await.unwrap();
    assert_eq!(two_lines.status(), StatusCode::OK);
    let none = service.post("/accounts/bob/deposits").header("if-match", "*").json(&json!({ "cents": 1 }));
    problem(none.send().await.unwrap(), StatusCode::PRECONDITION_FAILED).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn text_with_nul_is_refused() {
    let service = with_alice().await;
    let pay = service.send("/accounts/alice/deposits", "nul", json!({ "cents": 1, "reference": "\0" })).await;
    let why = problem(pay, StatusCode::UNPROCESSABLE_ENTITY).await;
    assert!(why.contains("`reference` has a NUL character"), "{why}");
    for path in ["/accounts/a%00", "/accounts/a%00/statement", "/accounts?after=%00"] {
        problem(service.get(path).await, StatusCode::BAD_REQUEST).await;
    }
    let named = service.send("/accounts/a%00/deposits", "pay", json!({ "cents": 1 })).await;
    problem(named, StatusCode::BAD_REQUEST).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_the_account_does_not_allow_is_refused_with_the_reason() {
    let service = with_alice().await;
    let refused = service.send("/accounts/alice/withdrawals", "much", json!({ "cents": 501 })).await;
    let why = problem(refused, StatusCode::UNPROCESSABLE_ENTITY).await;
    assert_eq!(why, "the account holds 500 cents, which is not enough");
    let refused = service.send("/accounts/bob/deposits", "bob", json!({ "cents": 1 })).await;
    problem(refused, StatusCode::NOT_FOUND).await;
    let refused = service.send("/accounts/alice/closing", "close", json!({})).await;
    problem(refused, StatusCode::UNPROCESSABLE_ENTITY).await;
    service.done("/accounts/alice/withdrawals", "all", json!({ "cents": 500 })).await;
    let token = service.done("/accounts/alice/closing", "close", json!({})).await;
    assert_eq!(service.ask("/accounts/alice", token).await["is_closed"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invalid_command_is_refused_with_the_reason() {
    let service = served().await;
    let post = |body: String| {
        let post = service.post("/accounts/alice/deposits").header("content-type", "application/json");
        async move { post.body(body).send().await.unwrap() }
    };
    problem(post("{".to_owned()).await, StatusCode::BAD_REQUEST).await;
    let why = problem(post(r#"{"reference":""}"#.to_owned()).await, StatusCode::UNPROCESSABLE_ENTITY).await;
    assert!(why.contains("cents"), "{why}");
    problem(post(r#"{"cents":-1}"#.to_owned()).await, StatusCode::UNPROCESSABLE_ENTITY).await;
    let long = json!({ "cents": 1, "reference": "x".repeat(2_000) });
    problem(post(long.to_string()).await, StatusCode::PAYLOAD_TOO_LARGE).await;
    let named = service.send("/accounts/a%20b/deposits", "pay", json!({ "cents": 1 })).await;
    let why = problem(named, StatusCode::BAD_REQUEST).await;
    assert!(why.contains("an account's name"), "{why}");
    let named = service.send("/accounts/alice/deposits", "what/ever", json!({ "cents": 1 })).await;
    problem(named, StatusCode::BAD_REQUEST).await;
    problem(service.get("/accounts/alice").await, StatusCode::NOT_FOUND).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn operators_see_the_views_and_build_one_anew() {
    let service = with_alice().await;
    service.until("/views", |views| views["live"] == "blue" && views["live_position"] == 2).await;
    let damage = "UPDATE view_accounts SET cents = 7";
    rusqlite::Connection::open(service.database()).unwrap().execute_batch(damage).unwrap();
    assert_eq!(service.ask("/accounts/alice", 2).await["cents"], 7);
    assert_eq!(service.rebuild().await.status(), StatusCode::ACCEPTED);
    let views = service.until("/views", |views| views["live"] == "green").await;
    assert_eq!(views["live_position"], 2);
    assert_eq!(service.ask("/accounts/alice", 2).await["cents"], 500);
    let mut events: Value = service.operate("/events?after=1&limit=5").await.json().await.unwrap();
    let event = events[0].as_object_mut().unwrap();
    let (id, correlation) = (event.remove("id").unwrap(), event.remove("correlation_id").unwrap());
    assert!(uuid::Uuid::parse_str(id.as_str().unwrap()).is_ok(), "{id}");
    assert!(uuid::Uuid::parse_str(correlation.as_str().unwrap()).is_ok(), "the request's id: {correlation}");
    let body = r#"{"cents":500,"reference":"wages"}"#;
    let paid = json!({
        "position": 2, "account": "alice", "version": 2, "kind": "deposited", "shape": 2,
        "body": body, "at": "2025-01-01T12:00:00.000Z", "causation_id": "pay", "who": null,
    });
    assert_eq!(events, json!([paid]));
    assert_eq!(service.operate("/dead-letters").await.json::<Value>().await.unwrap(), json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn events_of_other_processes_are_found_and_dead_letters_are_listed() {
    let service = with_alice().await;
    let frozen = "INSERT INTO events (account, version, kind, shape, body, at_ms)
                  VALUES ('alice', 3, 'frozen', 1, '{}', 0)";
    rusqlite::Connection::open(service.database()).unwrap().execute_batch(frozen).unwrap();
    let letters = service.until("/dead-letters", |letters| !letters.as_array().unwrap().is_empty()).await;
    assert_eq!((&letters[0]["position"], &letters[0]["account"]), (&json!(3), &json!("alice")));
    assert_eq!(letters[0]["why"], "the event `frozen` of shape 1 can't be read: no such event is known");
    assert_eq!(service.ask("/accounts/alice", 2).await["cents"], 500, "as it was before");
    let refused = service.send("/accounts/alice/deposits", "more", json!({ "cents": 1 })).await;
    let why = problem(refused, StatusCode::CONFLICT).await;
    assert!(why.contains("event 3 of the account `alice`, its version 3, is unreadable"), "{why}");
    for path in ["/accounts/alice", "/accounts/alice/statement", "/accounts"] {
        let held_up = problem(service.get_with(path, 3).await, StatusCode::SERVICE_UNAVAILABLE).await;
        assert!(held_up.contains("event 3 of the account `alice` is a dead letter"), "{held_up}");
        assert!(held_up.contains("the event `frozen` of shape 1 can't be read"), "{held_up}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn operators_retry_and_skip_dead_letters() {
    let service = with_alice().await;
    let frozen = "INSERT INTO events (account, version, kind, shape, body, at_ms)
                  VALUES ('alice', 3, 'frozen', 1, '{}', 0)";
    rusqlite::Connection::open(service.database()).unwrap().execute_batch(frozen).unwrap();
    service.until("/dead-letters", |letters| !letters.as_array().unwrap().is_empty()).await;
    let why = problem(service.decide("/dead-letters/3/retry", None).await, StatusCode::CONFLICT).await;
    assert!(why.contains("event 3 still can't be applied: the event `frozen`"), "{why}");
    for reason in [json!({}), json!({ "reason": " " }), json!({ "reason": "\0" })] {
        let unexplained = service.decide("/dead-letters/3/skip", Some(reason)).await;
        let why = problem(unexplained, StatusCode::UNPROCESSABLE_ENTITY).await;
        assert!(why.contains("`reason`"), "{why}");
    }
    let reason = json!({ "reason": "ticket 7" });
    let unknown = service.decide("/dead-letters/2/skip", Some(reason.clone())).await;
    problem(unknown, StatusCode::NOT_FOUND).await;
    assert_eq!(service.decide("/dead-letters/3/skip", Some(reason)).await.status(), StatusCode::NO_CONTENT);
    assert_eq!(service.ask("/accounts/alice", 3).await["version"], 3);
    let settled: Value = service.operate("/dead-letters/settled").await.json().await.unwrap();
    let skipped = json!({
        "position": 3, "account": "alice", "decision": "skip", "reason": "ticket 7", "who": "olga",
        "at": "2025-01-01T12:00:00.000Z",
    });
    assert_eq!(settled, json!([skipped]));
}

#[tokio::test(flavor = "multi_thread")]
async fn events_keep_their_sender_and_correlation() {
    let service = with_alice().await;
    let pay = || service.post("/accounts/alice/deposits").json(&json!({ "cents": 1 }));
    let pay_from = pay().header("correlation-id", "order 7").header("x-auth-subject", "olga");
    assert_eq!(pay_from.header("x-request-id", "r-1").send().await.unwrap().status(), StatusCode::OK);
    assert_eq!(pay().header("x-request-id", "r-2").send().await.unwrap().status(), StatusCode::OK);
    let events: Value = service.operate("/events?after=2").await.json().await.unwrap();
    assert_eq!((&events[0]["correlation_id"], &events[0]["who"]), (&json!("order 7"), &json!("olga")));
    assert_eq!((&events[1]["correlation_id"], &events[1]["who"]), (&json!("r-2"), &Value::Null));
    for header in ["correlation-id", "x-auth-subject"] {
        let long = pay().header(header, "x".repeat(201)).send().await.unwrap();
        let why = problem(long, StatusCode::BAD_REQUEST).await;
        assert!(why.contains(header), "{why}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn other_programs_follow_the_events() {
    let service = with_alice().await;
    let page: Value = service.operate("/events?after=0&limit=1").await.json().await.unwrap();
    assert_eq!((page.as_array().unwrap().len(), &page[0]["position"]), (1, &json!(1)));
    let none: Value = service.operate("/events?after=2&wait_ms=20").await.json().await.unwrap();
    assert_eq!(none, json!([]));
    let pay = service.done("/accounts/alice/deposits", "later", json!({ "cents": 1 }));
    let (next, token) = tokio::join!(service.operate("/events?after=2&wait_ms=8000"), pay);
    let next: Value = next.json().await.unwrap();
    assert_eq!((token, &next[0]["position"], &next[0]["kind"]), (3, &json!(3), &json!("deposited")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscriber_that_waits_does_not_delay_the_stop() {
    let service = served().await;
    let bank = service.bank.clone();
    let waiting =
        tokio::spawn(async move { bank.next_events(0, 10, Duration::from_secs(3_600)).await.unwrap() });
    service.stop().await;
    let ended = tokio::time::timeout(Duration::from_secs(60), waiting).await;
    assert_eq!(ended.expect("it ends with the service").unwrap(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_lives_and_is_ready_and_names_requests() {
    let service = served().await;
    assert_eq!(service.get("/live").await.status(), StatusCode::OK);
    let ready = service.get("/ready").await;
    assert_eq!(ready.status(), StatusCode::OK);
    assert!(ready.headers().contains_key("x-request-id"));
    assert_eq!(service.get("/views").await.status(), StatusCode::NOT_FOUND, "customers are no operators");
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_are_still_there_after_a_restart() {
    let service = with_alice().await;
    let before = service.ask("/accounts/alice", 2).await;
    let service = served_in(service.stop().await).await;
    assert_eq!(service.ask("/accounts/alice", 2).await, before);
    let again =
        service.send("/accounts/alice/deposits", "pay", json!({ "cents": 500, "reference": "wages" }));
    assert_eq!(again.await.json::<Value>().await.unwrap()["before"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_of_axum_are_problem_details() {
    let service = with_alice().await;
    problem(service.get("/nothing").await, StatusCode::NOT_FOUND).await;
    problem(service.get("/accounts/%ff").await, StatusCode::BAD_REQUEST).await;
    let why = problem(service.get("/accounts?limit=abc").await, StatusCode::BAD_REQUEST).await;
    assert_eq!(why, "the query parameter `limit` has to be a whole number from 0 to 1000");
    problem(service.get("/accounts/alice/deposits").await, StatusCode::METHOD_NOT_ALLOWED).await;
    let no_body = service.post("/accounts/alice/deposits").send().await.unwrap();
    problem(no_body, StatusCode::UNSUPPORTED_MEDIA_TYPE).await;
    problem(service.operate("/nothing").await, StatusCode::NOT_FOUND).await;
    let why = problem(service.operate("/events?after=x").await, StatusCode::BAD_REQUEST).await;
    assert_eq!(why, "the query parameter `after` has to be the position of an event, a whole number");
    let why = problem(service.operate("/events?limit=1&wait_ms=-5").await, StatusCode::BAD_REQUEST).await;
    assert_eq!(why, "the query parameter `wait_ms` has to be a whole number from 0 to 8000");
    problem(service.operate("/views/rebuild").await, StatusCode::METHOD_NOT_ALLOWED).await;
    problem(service.decide("/dead-letters/x/retry", None).await, StatusCode::BAD_REQUEST).await;
    let no_reason = service.decide("/dead-letters/1/skip", None).await;
    problem(no_reason, StatusCode::UNSUPPORTED_MEDIA_TYPE).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn operators_need_the_token_if_there_is_one() {
    let token = "letters-and-digits-1";
    let service = served_with(|settings| settings.access.token = Some(Token::from(token.to_owned()))).await;
    for (method, path) in [(Method::POST, "/views/rebuild"), (Method::GET, "/events")] {
        let refused = service.operator(method.clone(), path).bearer_auth("another").send().await.unwrap();
        assert_eq!(refused.headers()["www-authenticate"], "Bearer");
        problem(refused, StatusCode::UNAUTHORIZED).await;
        let done = service.operator(method, path).bearer_auth(token).send().await.unwrap();
        assert!(done.status().is_success(), "{path}: {}", done.status());
    }
    assert_eq!(service.operate("/live").await.status(), StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_takes_too_long_is_a_problem() {
    let service = served_with(|settings| (settings.request_ms, settings.queries.wait_ms) = (100, 50)).await;
    let why = problem(service.operate("/events?wait_ms=8000").await, StatusCode::SERVICE_UNAVAILABLE).await;
    assert!(why.contains("took too long"), "{why}");
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_views_and_messages_have_metrics() {
    let service = with_alice().await;
    let frozen = "INSERT INTO events (account, version, kind, shape, body, at_ms)
                  VALUES ('alice', 3, 'frozen', 1, '{}', 0);
                  INSERT INTO outbox (topic, body, at_ms) VALUES ('a', 'b', 0);
                  CREATE TRIGGER unsent BEFORE UPDATE ON outbox BEGIN SELECT RAISE(ABORT, 'full'); END";
    rusqlite::Connection::open(service.database()).unwrap().execute_batch(frozen).unwrap();
    service.until("/dead-letters", |letters| !letters.as_array().unwrap().is_empty()).await;
    let figures = Figures::of(service.operate("/metrics").await).await;
    assert_eq!(figures.get("event_position"), 3.0);
    assert_eq!(figures.get("view_position"), 3.0);
    assert_eq!(figures.get("dead_letters"), 1.0);
    assert!(figures.get("outbox_unsent_messages") >= 1.0);
    let deposits = r#"method="POST",route="/accounts/{account}/deposits""#;
    assert_eq!(figures.get(&format!("http_requests_total{{{deposits},status=\"200\"}}")), 1.0);
    assert_eq!(figures.get(&format!("http_request_duration_seconds_count{{{deposits}}}")), 1.0);
    assert_eq!(figures.get(r#"runs_ended_total{end="Done",status="completed"}"#), 2.0, "{figures:?}");
    assert_eq!(service.get("/metrics").await.status(), StatusCode::NOT_FOUND, "customers see none");
}
