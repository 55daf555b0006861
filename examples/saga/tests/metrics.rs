//! The figures for Prometheus.

mod figures;
mod served;

use figures::Figures;
use reqwest::Method;
use served::{Served, served};

async fn figures(service: &Served) -> Figures {
    Figures::of(service.client.get(service.operators("/metrics")).send().await.unwrap()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_and_requests_are_counted() {
    let service = served().await;
    service.place("order-1", 1, "Oslo").await;
    service.ended("order-1").await;
    service.place("order-2", 1, "Atlantis").await;
    service.ended("order-2").await;
    let figures = figures(&service).await;
    assert_eq!(figures.get(r#"http_requests_total{method="POST",route="/orders",status="202"}"#), 2.0);
    assert!(figures.get(r#"http_requests_total{method="GET",route="/orders/{id}",status="200"}"#) >= 2.0);
    assert_eq!(figures.get(r#"http_request_duration_seconds_count{method="POST",route="/orders"}"#), 2.0);
    assert!(figures.get(r#"http_request_duration_seconds_sum{method="POST",route="/orders"}"#) > 0.0);
    assert_eq!(figures.get(r#"runs_ended_total{end="Order fulfilled",status="completed"}"#), 1.0);
    assert_eq!(figures.get(r#"runs_ended_total{end="",status="rolled_back"}"#), 1.0);
    for status in ["running", "rolling_back", "stuck"] {
        assert_eq!(figures.get(&format!("orders{{status=\"{status}\"}}")), 0.0, "{status}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_that_are_stuck_are_counted() {
    let service = served().await;
    let refuse = "CREATE TRIGGER refuse BEFORE UPDATE ON entries WHEN OLD.register = 'charges'
                  BEGIN SELECT RAISE(ABORT, 'the bank is closed'); END";
    rusqlite::Connection::open(service.books()).unwrap().execute_batch(refuse).unwrap();
    service.place("order-1", 1, "Atlantis").await;
    assert_eq!(service.ended("order-1").await["status"], "stuck");
    let figures = figures(&service).await;
    assert_eq!(figures.get(r#"orders{status="stuck"}"#), 1.0);
    assert_eq!(figures.get(r#"runs_ended_total{end="",status="stuck"}"#), 1.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn callers_can_not_make_up_labels() {
    let service = served().await;
    for at in 0..20 {
        service.get(&format!("/nothing/{at}")).await;
        service.get(&format!("/orders/{at}?{at}")).await;
        let method = Method::from_bytes(format!("MADEUP{at}").as_bytes()).unwrap();
        service.client.request(method, service.customers("/orders")).send().await.unwrap();
    }
    let figures = figures(&service).await;
    let routes = figures.values("http_requests_total", "route");
    assert_eq!(routes.into_iter().collect::<Vec<_>>(), ["", "/orders", "/orders/{id}"]);
    let methods = figures.values("http_requests_total", "method");
    assert_eq!(methods.into_iter().collect::<Vec<_>>(), ["GET", "other"]);
    assert_eq!(figures.get(r#"http_requests_total{method="GET",route="",status="404"}"#), 20.0);
    assert_eq!(figures.get(r#"http_requests_total{method="other",route="/orders",status="405"}"#), 20.0);
    assert_eq!(service.get("/metrics").await.status(), 404, "customers see none");
}
