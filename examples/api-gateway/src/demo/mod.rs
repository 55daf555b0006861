//! Sends requests through a gateway to two backends, all of which are real servers: one request for each way
//! through the drawing.

pub mod backends;
pub mod identity;

use std::io::Write as _;
use std::net::SocketAddr;
use std::num::NonZeroU32;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response, StatusCode, header};
use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::App;
use crate::settings::{Auth, BreakerSettings, Quota, Quotas, Settings};
use backends::Mood;
use identity::{Identity, Signer, claims};

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// The route file for these two backends.
fn routes(catalog: SocketAddr, reviews: SocketAddr) -> String {
    format!(
        r#"
[backends]
catalog = {{ url = "http://{catalog}" }}
reviews = {{ url = "http://{reviews}" }}

[routes.products]
path = "/products/{{id}}"
backend = "catalog"

[routes.orders]
path = "/orders"
methods = ["POST"]
backend = "catalog"

[routes.reviews]
path = "/reviews/{{id}}"
backend = "reviews"
public = true
timeout_ms = 300
retries = 1

[routes.pages]
path = "/pages/{{id}}"

[routes.pages.parts]
product = {{ backend = "catalog", path = "/products/{{id}}", required = true }}
reviews = {{ backend = "reviews", path = "/reviews/{{id}}" }}
"#
    )
}

/// Serves on a free port for as long as the process lives.
///
/// # Errors
///
/// No port is free.
pub async fn serve(routes: Router) -> std::io::Result<SocketAddr> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move { axum::serve(listener, routes).await });
    Ok(address)
}

/// Sends requests and prints the responses.
struct Show {
    client: Client<HttpConnector, Body>,
    gateway: SocketAddr,
}

impl Show {
    async fn send(&self, story: &str, request: Request<Body>) -> Result<(), Failure> {
        let (mut head, body) = request.into_parts();
        let (method, path) = (head.method.clone(), head.uri.clone());
        head.uri = format!("http://{}{path}", self.gateway).parse()?;
        let answer = self.client.request(Request::from_parts(head, body)).await?;
        print(story, &format!("{method} {path}"), answer).await
    }
}

async fn print(story: &str, request: &str, answer: Response<Incoming>) -> Result<(), Failure> {
    let (head, body) = answer.into_parts();
    let body: Bytes = body.collect().await?.to_bytes();
    let mut out = std::io::stdout().lock();
    writeln!(out, "{story}\n  {request}\n  {}", head.status)?;
    for name in [header::RETRY_AFTER, header::WWW_AUTHENTICATE, header::ALLOW] {
        if let Some(value) = head.headers.get(&name) {
            writeln!(out, "  {name}: {}", value.to_str()?)?;
        }
    }
    writeln!(out, "  {}\n", String::from_utf8_lossy(&body))?;
    Ok(())
}

/// A request for a path, with or without a token.
fn get(path: &str, token: Option<&str>) -> Result<Request<Body>, Failure> {
    let mut request = Request::get(path);
    if let Some(token) = token {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    Ok(request.body(Body::empty())?)
}

/// Starts an identity service, two backends and a gateway, sends requests and prints the responses.
///
/// # Errors
///
/// A server can't be started or does not answer.
pub async fn show() -> Result<(), Failure> {
    let signer = Signer::new("key-1");
    let identity = Identity::of([signer.clone()]);
    let mood = Mood::default();
    let (catalog, reviews) =
        (serve(backends::catalog()).await?, serve(backends::reviews(mood.clone())).await?);
    let jwks = format!("http://{}/jwks.json", serve(identity.routes()).await?);
    let file = std::env::temp_dir().join(format!("routes-{}.toml", std::process::id()));
    std::fs::write(&file, routes(catalog, reviews))?;
    let local = SocketAddr::from(([127, 0, 0, 1], 0));
    let some = |number| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
    let client = Quota { per_second: some(1), burst: some(20) };
    let app = App::start(Settings {
        listen: local,
        operators: local,
        routes: file.clone(),
        auth: Auth {
            issuer: identity::ISSUER.to_owned(),
            audience: identity::AUDIENCE.to_owned(),
            jwks,
            cooldown_ms: 0,
            ..Auth::default()
        },
        limits: Quotas { client, ..Quotas::default() },
        breaker: BreakerSettings { minimum_calls: 5, window: 10, ..BreakerSettings::default() },
        ..Settings::default()
    });
    let app = app.await;
    std::fs::remove_file(&file)?;
    let app = app?;
    let (client, gateway) = (Client::builder(TokioExecutor::new()).build_http(), app.address());
    let show = Show { client, gateway };
    let (stop, stopped) = oneshot::channel::<()>();
    let served = tokio::spawn(app.run(async {
        // A dropped sender also means stop.
        let _ = stopped.await;
    }));
    requests(&show, &identity, &signer, &mood).await?;
    drop(stop);
    Ok(served.await??)
}

async fn requests(show: &Show, identity: &Identity, signer: &Signer, mood: &Mood) -> Result<(), Failure> {
    let token = signer.sign(&claims("ada"))?;
    let ada = Some(&*token);
    show.send("One backend answers.", get("/products/7", ada)?).await?;
    show.send("Two backends answer as one.", get("/pages/7", ada)?).await?;

    let bytes = Body::from(vec![b'x'; 300_000]);
    let order = Request::post("/orders").header(header::AUTHORIZATION, format!("Bearer {token}"));
    show.send("A body goes through as it comes.", order.body(bytes)?).await?;

    show.send("A request without a token.", get("/products/7", None)?).await?;
    let forged = Signer::new("key-1").sign(&claims("ada"))?;
    show.send("A token is forged.", get("/products/7", Some(&forged))?).await?;
    let mut expired = claims("ada");
    expired["exp"] = 1.into();
    show.send("A token has expired.", get("/products/7", Some(&signer.sign(&expired)?))?).await?;

    let next = Signer::new("key-2");
    identity.publish([signer.clone(), next.clone()]);
    let rotated = next.sign(&claims("bob"))?;
    show.send("The identity service has a new key.", get("/products/7", Some(&rotated))?).await?;

    show.send("No route leads there.", get("/nowhere", ada)?).await?;
    show.send("The route takes other methods.", get("/orders", ada)?).await?;
    show.send("A path can be read in two ways.", get("/products/%2e%2e/secret", ada)?).await?;
    show.send("A required part is not there.", get("/pages/404", ada)?).await?;
    show.send("A backend is too slow, twice.", get("/reviews/slow", None)?).await?;

    mood.set_ill(true);
    show.send("An optional part is missing.", get("/pages/8", ada)?).await?;
    for _ in 0..5 {
        let ill = show.client.get(format!("http://{}/reviews/8", show.gateway).parse()?).await?;
        ill.into_body().collect().await?;
    }
    show.send("A backend failed, and its circuit is open.", get("/reviews/8", None)?).await?;

    let eve = signer.sign(&claims("eve"))?;
    for _ in 0..200 {
        let mut request = get("/products/7", Some(&eve))?;
        *request.uri_mut() = format!("http://{}/products/7", show.gateway).parse()?;
        let answer = show.client.request(request).await?;
        if answer.status() == StatusCode::TOO_MANY_REQUESTS {
            return print("A client exceeds its limit.", "GET /products/7", answer).await;
        }
        answer.into_body().collect().await?;
    }
    Err("no request was one too many".into())
}
