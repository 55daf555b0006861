//! The OpenAPI documents say what controller and balancer do.

mod figures;
mod openapi;
mod stage;

use figures::Figures;
use openapi::{Document, statuses_agree};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use stage::staged;

const COMMON: [&str; 3] = [
    include_str!("../src/service/metrics.rs"),
    include_str!("../src/service/health.rs"),
    include_str!("../src/service/openapi.rs"),
];

/// Sends a request, and gives the body of the answer, which has to have this status.
async fn ask(client: &Client, method: Method, url: String, body: Option<Value>, status: u16) -> Value {
    let request = body.iter().fold(client.request(method, &url), |request, body| request.json(body));
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), status, "{url}");
    answer.json().await.unwrap_or_default()
}

async fn figures(client: &Client, address: &str) -> Figures {
    drop(client.get(format!("{address}/metrics")).send().await.unwrap());
    Figures::of(client.get(format!("{address}/metrics")).send().await.unwrap()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_and_routes_agree() {
    let stage = staged(&[("WATCH__FOR_MS", "60000")]).await;
    let client = Client::new();
    let controller = format!("http://{}", stage.site.operators());
    let balancer = format!("http://{}", stage.site.admin());
    let for_operators = Document::of(&client, &controller).await;
    let for_controller = Document::of(&client, &balancer).await;
    let [metrics, health, openapi] = COMMON;
    let sources = [include_str!("../src/controller/http.rs"), metrics, health, openapi];
    for_operators.agrees_with_routes_of(&sources).await;
    let sources = [include_str!("../src/balancer/admin.rs"), metrics, health, openapi];
    for_controller.agrees_with_routes_of(&sources).await;

    // One way into each status.
    let (get, post) = (Method::GET, Method::POST);
    for path in ["/live", "/ready", "/releases", "/releases/1.0.0"] {
        ask(&client, get.clone(), format!("{controller}{path}"), None, 200).await;
    }
    ask(&client, get.clone(), format!("{controller}/releases/none"), None, 404).await;
    let releases = format!("{controller}/releases");
    ask(&client, post.clone(), releases.clone(), Some(json!({ "version": "" })), 422).await;
    for what in ["promote", "abort"] {
        let begun =
            ask(&client, post.clone(), releases.clone(), Some(json!({ "version": "1.1.0" })), 202).await;
        let id = begun["id"].as_str().unwrap();
        ask(&client, post.clone(), releases.clone(), Some(json!({ "version": "1.2.0" })), 409).await;
        if what == "promote" {
            stage.until_at(id, "Watch new version").await;
        }
        ask(&client, post.clone(), format!("{releases}/{id}/{what}"), None, 200).await;
        stage.through(id).await;
        ask(&client, post.clone(), format!("{releases}/{id}/{what}"), None, 409).await;
    }
    for what in ["promote", "abort", "retry", "owed/n7/1/resolve"] {
        ask(&client, post.clone(), format!("{releases}/none/{what}"), None, 404).await;
    }
    for what in ["retry", "owed/n7/1/resolve"] {
        ask(&client, post.clone(), format!("{releases}/1.0.0/{what}"), None, 409).await;
    }
    for path in ["/live", "/ready"] {
        ask(&client, get.clone(), format!("{balancer}{path}"), None, 200).await;
    }
    let upstream = format!("{balancer}/upstream");
    let live = ask(&client, get, upstream.clone(), None, 200).await["live"].take();
    ask(&client, Method::PUT, upstream.clone(), Some(live), 200).await;
    let old = json!({ "generation": 0, "instance": null });
    ask(&client, Method::PUT, upstream, Some(old), 409).await;

    // Without a version that serves, and with a release that is stuck: see tests/balancer.rs and tests/faults.rs.
    let ready = ("GET", "/ready", 503);
    let retry = ("POST", "/releases/{id}/retry", 200);
    let resolve = ("POST", "/releases/{id}/owed/{step}/{nth}/resolve", 200);
    statuses_agree(&[for_operators], &figures(&client, &controller).await, &[ready, retry, resolve]);
    statuses_agree(&[for_controller], &figures(&client, &balancer).await, &[ready]);
}
