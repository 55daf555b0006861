//! What the balancer adds to a request: a greeting, asked directly and through it.

use std::net::SocketAddr;
use std::path::Path;

use axum::body::Body;
use axum::http::{Request, Uri};
use http_body_util::BodyExt as _;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use tokio::runtime::Runtime;

use blue_green::balancer;
use blue_green::controller;
use blue_green::site::Site;

const PROGRAM: &str = env!(concat!("CARGO_BIN_EXE_", env!("CARGO_PKG_NAME")));

fn main() {
    divan::main();
}

#[divan::bench(sample_count = 200, sample_size = 10)]
fn directly(bencher: divan::Bencher<'_, '_>) {
    ask(bencher, |_, version| version);
}

#[divan::bench(sample_count = 200, sample_size = 10)]
fn through_the_balancer(bencher: divan::Bencher<'_, '_>) {
    ask(bencher, |site, _| site.users());
}

/// One user, with one connection that is kept.
fn ask(bencher: divan::Bencher<'_, '_>, whom: impl Fn(&Site, SocketAddr) -> SocketAddr) {
    let runtime = Runtime::new().unwrap();
    let site = Site::start(Path::new(PROGRAM), &[]).unwrap();
    let version = runtime.block_on(first_release(&site));
    let uri: Uri = format!("http://{}/greeting", whom(&site, version)).parse().unwrap();
    let client = Client::builder(TokioExecutor::new()).build_http::<Body>();
    bencher.bench_local(|| {
        runtime.block_on(async {
            let request = Request::get(uri.clone()).body(Body::empty()).unwrap();
            let answer = client.request(request).await.unwrap();
            assert!(answer.status().is_success());
            answer.into_body().collect().await.unwrap()
        })
    });
}

/// Says where the version serves.
async fn first_release(site: &Site) -> SocketAddr {
    let operator = controller::Client::new(site.operators());
    let release = operator.release("1.0.0", None).await.unwrap();
    operator.through(&release.id).await.unwrap();
    let balancer = balancer::Client::new(site.admin(), std::time::Duration::from_secs(10)).unwrap();
    balancer.standing().await.unwrap().live.instance.unwrap().address
}
