//! Each error is a problem document, also those of axum and of the layers.

mod served;

use std::time::Duration;

use axum::Json;
use axum::Router;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use axum::routing::{get, post};
use reqwest::{Client, Method, Response};
use serde_json::{Value, json};
use tokio::sync::oneshot;

use saga::service::problem::PassedOn;
use saga::service::serve::{Limits, listen, serve, within};
use served::served;

/// The detail of an answer that is a problem document.
async fn problem(answer: Response, status: u16) -> String {
    let (found, headers) = (answer.status().as_u16(), answer.headers().clone());
    let text = answer.text().await.unwrap();
    assert_eq!(found, status, "{text}");
    assert_eq!(headers["content-type"], "application/problem+json", "{text}");
    assert!(headers.contains_key("x-request-id"), "{text}");
    let problem: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&problem["status"], &problem["type"]), (&json!(status), &json!("about:blank")), "{text}");
    assert!(problem["title"].is_string(), "{text}");
    let detail = problem["detail"].as_str().unwrap().to_owned();
    assert!(!detail.is_empty());
    detail
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_of_axum_and_the_layers_are_problem_details() {
    async fn panics() -> StatusCode {
        "a secret".parse::<u16>().map(|_| StatusCode::OK).unwrap()
    }
    let routes = Router::new()
        .route("/number/{number}", get(async |Path(number): Path<u8>| Json(number)))
        .route("/query", get(async |Query(number): Query<Vec<(String, u8)>>| Json(number.len())))
        .route("/body", post(async |Json(body): Json<[u8; 2]>| Json(body)))
        .route("/slow", get(std::future::pending::<()>))
        .route("/panics", get(panics))
        .route("/empty", get(async || StatusCode::CONFLICT))
        .route("/json", get(async || (StatusCode::CONFLICT, Json(json!({ "ready": false })))))
        .route(
            "/passed-on",
            get(async || {
                let mut answer = (StatusCode::NOT_FOUND, "as it is").into_response();
                answer.extensions_mut().insert(PassedOn);
                answer
            }),
        );
    let limits = Limits { body: 100, time: Duration::from_secs(2) };
    let (listener, address) = listen(([127, 0, 0, 1], 0).into()).await.unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let stopped = futures_util::FutureExt::shared(async { drop(stopped.await) });
    let serving = tokio::spawn(serve(listener, within(limits, routes), stopped, Duration::from_secs(9)));
    let client = Client::new();
    let ask = |method: Method, path: &str| client.request(method, format!("http://{address}{path}"));
    let get = async |path: &str| ask(Method::GET, path).send().await.unwrap();
    let post = async |media_type: &str, body: String| {
        let post = ask(Method::POST, "/body").header("content-type", media_type);
        post.body(body).send().await.unwrap()
    };

    assert!(problem(get("/nothing").await, 404).await.contains("at this path"));
    let refused = ask(Method::DELETE, "/query").send().await.unwrap();
    assert_eq!(refused.headers()["allow"], "GET,HEAD");
    assert!(problem(refused, 405).await.contains("`Allow`"));
    assert!(problem(get("/number/many").await, 400).await.contains("many"));
    problem(get("/number/%ff").await, 400).await;
    assert!(problem(get("/query?n=many").await, 400).await.contains("query"));
    problem(post("application/json", "[1".to_owned()).await, 400).await;
    problem(post("application/json", String::new()).await, 400).await;
    assert!(problem(post("application/json", "[1]".to_owned()).await, 422).await.contains("array"));
    assert!(problem(post("text/plain", "[1, 2]".to_owned()).await, 415).await.contains("application/json"));
    problem(post("application/json", " ".repeat(101)).await, 413).await;
    let (slow, panicked) = tokio::join!(get("/slow"), get("/panics"));
    assert!(problem(slow, 503).await.contains("took too long"));
    assert!(!problem(panicked, 500).await.contains("secret"));
    problem(get("/empty").await, 409).await;
    assert_eq!(get("/json").await.json::<Value>().await.unwrap(), json!({ "ready": false }));
    assert_eq!(get("/passed-on").await.text().await.unwrap(), "as it is");
    assert_eq!(get("/number/7").await.text().await.unwrap(), "7");
    drop(stop);
    serving.await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn so_are_those_of_both_addresses() {
    let service = served().await;
    for (path, status) in [("/nothing", 404), ("/orders?limit=abc", 400), ("/orders/%ff", 400)] {
        problem(service.get(path).await, status).await;
    }
    for (query, detail) in [
        (
            "status=bogus",
            "the query parameter `status` has to be one of running, rolling_back, stuck, completed, rolled_back, \
             failed, abandoned, refused",
        ),
        ("status=stuck&limit=-1", "the query parameter `limit` has to be a whole number from 1 to 1000"),
        ("li%6Dit=", "the query parameter `limit` has to be a whole number from 1 to 1000"),
        ("limit=1&limit=2", "each query parameter can be given once: `status`, `limit`, `after`"),
    ] {
        assert_eq!(problem(service.get(&format!("/orders?{query}")).await, 400).await, detail, "{query}");
    }
    let unknown = problem(service.operate("/orders/retry?first=1").await, 400).await;
    assert_eq!(unknown, "`first` is no query parameter of this path, which has `after`, `limit`");
    let wrong_method = service.client.delete(service.customers("/orders")).send().await.unwrap();
    assert_eq!(wrong_method.headers()["allow"], "GET,HEAD,POST");
    problem(wrong_method, 405).await;
    problem(service.client.post(service.customers("/orders")).send().await.unwrap(), 415).await;
    problem(service.operate("/nothing").await, 404).await;
    problem(service.operate("/orders/order-1/owed/n7/abc/skip").await, 400).await;
}
