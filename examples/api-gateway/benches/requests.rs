//! Requests through a gateway to a backend, on loopback: one after the other, and many at once.

use std::net::SocketAddr;
use std::num::NonZeroU32;

use http_body_util::{BodyExt as _, Empty};
use hyper::body::Bytes;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use tokio::runtime::Runtime;

use api_gateway::App;
use api_gateway::demo::identity::{AUDIENCE, ISSUER, Identity, Signer, claims};
use api_gateway::demo::{backends, serve};
use api_gateway::settings::{Auth, Quota, Quotas, Settings};

fn main() {
    divan::main();
}

const ROUTES: &str = "
[routes.products]
path = '/products/{id}'
backend = 'catalog'

[routes.pages]
path = '/pages/{id}'
parts.product = { backend = 'catalog', path = '/products/{id}', required = true }
parts.other = { backend = 'catalog', path = '/products/{id}' }
";

/// A gateway before a backend, and a token for it.
async fn start() -> (SocketAddr, String) {
    let signer = Signer::new("key-1");
    let token = signer.sign(&claims("ada")).unwrap();
    let jwks = format!("http://{}/jwks.json", serve(Identity::of([signer]).routes()).await.unwrap());
    let catalog = serve(backends::catalog()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("routes.toml");
    std::fs::write(&file, format!("[backends.catalog]\nurl = 'http://{catalog}'\n{ROUTES}")).unwrap();
    let local = SocketAddr::from(([127, 0, 0, 1], 0));
    let many = NonZeroU32::new(10_000_000).unwrap();
    let quota = Quota { per_second: many, burst: many };
    let app = App::start(Settings {
        listen: local,
        operators: local,
        routes: file,
        auth: Auth { issuer: ISSUER.to_owned(), audience: AUDIENCE.to_owned(), jwks, ..Auth::default() },
        limits: Quotas { address: quota, global: quota, client: quota },
        ..Settings::default()
    });
    let app = app.await.unwrap();
    let address = app.address();
    tokio::spawn(app.run(std::future::pending()));
    (address, token)
}

#[divan::bench(args = ["/products/7", "/pages/7"])]
fn one_after_the_other(bencher: divan::Bencher<'_, '_>, path: &str) {
    requests(bencher, path, 1);
}

#[divan::bench(args = ["/products/7", "/pages/7"])]
fn thirty_two_at_once(bencher: divan::Bencher<'_, '_>, path: &str) {
    requests(bencher, path, 32);
}

fn requests(bencher: divan::Bencher<'_, '_>, path: &str, at_once: usize) {
    let runtime = Runtime::new().unwrap();
    let (gateway, token) = runtime.block_on(start());
    let client = Client::builder(TokioExecutor::new()).build_http::<Empty<Bytes>>();
    let ask = || {
        let request = hyper::Request::get(format!("http://{gateway}{path}"));
        let request = request.header("authorization", format!("Bearer {token}")).body(Empty::new()).unwrap();
        let answer = client.request(request);
        async {
            let answer = answer.await.unwrap();
            assert!(answer.status().is_success());
            answer.into_body().collect().await.unwrap();
        }
    };
    bencher.counter(at_once).bench_local(|| {
        let asked: Vec<_> = (0..at_once).map(|_| runtime.spawn(ask())).collect();
        runtime.block_on(async {
            for one in asked {
                one.await.unwrap();
            }
        });
    });
}
