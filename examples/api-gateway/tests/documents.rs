//! The OpenAPI document says what the gateway itself does.

mod figures;
mod openapi;
mod world;

use figures::Figures;
use openapi::{Document, statuses_agree};
use world::{ROUTES, World};

#[tokio::test]
async fn the_document_and_the_routes_agree() {
    let world = World::new().await;
    let url = |path: &str| format!("http://{}{path}", world.operators);
    let document = Document::of(&world.client, &url("")).await;
    let sources = [
        include_str!("../src/operators.rs"),
        include_str!("../src/service/metrics.rs"),
        include_str!("../src/service/health.rs"),
        include_str!("../src/service/openapi.rs"),
    ];
    document.agrees_with_routes_of(&sources).await;
    assert_eq!(world.reload(ROUTES).await.status(), 200);
    assert_eq!(world.reload_file("[routes").await.status(), 409);
    for path in ["/live", "/ready", "/backends", "/metrics"] {
        assert_eq!(world.client.get(url(path)).send().await.unwrap().status(), 200, "{path}");
    }
    let figures = Figures::of(world.client.get(url("/metrics")).send().await.unwrap()).await;
    // While it goes down.
    statuses_agree(&[document], &figures, &[("GET", "/ready", 503)]);
}
