//! Traces come to a collector: one that takes what the OpenTelemetry protocol sends over HTTP.

#![cfg(feature = "otel")]

mod process;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::routing::post;
use process::{Service, WANTED};
use reqwest::Client;
use tokio::net::TcpListener;

#[tokio::test(flavor = "multi_thread")]
async fn each_step_is_a_span() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let collector = format!("http://{}", listener.local_addr().unwrap());
    let taken = Arc::new(Mutex::new(Vec::new()));
    let take = Arc::clone(&taken);
    let traces = post(async move |body: Bytes| take.lock().unwrap().extend_from_slice(&body));
    tokio::spawn(axum::serve(listener, Router::new().route("/v1/traces", traces)).into_future());

    let folder = tempfile::tempdir().unwrap();
    let settings = [
        ("RUST_LOG", "info"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &*collector),
        // How long spans are gathered, in milliseconds.
        ("OTEL_BSP_SCHEDULE_DELAY", "100"),
    ];
    let service = Service::start(folder.path(), &settings);
    let client = Client::new();
    service.place(&client, "order-1", WANTED[0]).await;
    service.ended(&client, "order-1").await;
    // The body is binary, but its texts stand in it as they are.
    let came = |text: &str| taken.lock().unwrap().windows(text.len()).any(|some| some == text.as_bytes());
    for _ in 0..500 {
        if came("Charge payment") && came("order-1") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    for text in ["Charge payment", "order-1", "PaymentService", env!("CARGO_PKG_NAME")] {
        assert!(came(text), "no span tells of `{text}`");
    }
}
