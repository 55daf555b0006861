//! The balancer over real sockets.

mod stage;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{any, get};
use axum::{Json, Router};
use futures_util::stream;
use serde_json::{Value, json};
use stage::LONG;
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::{oneshot, watch};

use blue_green::balancer::{Assignment, Balancer, BalancerError, Client};
use blue_green::load::{Load, Users};
use blue_green::settings::Settings;
use blue_green::slot::Process;
use blue_green::{Colour, Instance};

/// A balancer in this process; it stops when this is dropped.
struct Served {
    users: String,
    address: SocketAddr,
    admin: String,
    told: Client,
    folder: TempDir,
    stop: oneshot::Sender<()>,
}

async fn served_in(folder: TempDir, request_ms: u64) -> Served {
    let mut settings = settings(folder.path());
    settings.body_bytes = 1_000;
    settings.request_ms = request_ms;
    let balancer = Balancer::start(settings).await.unwrap();
    let (address, admin) = (balancer.address(), balancer.admin());
    let (stop, stopped) = oneshot::channel();
    tokio::spawn(balancer.run(async {
        let _ = stopped.await;
    }));
    let told = Client::new(admin, LONG).unwrap();
    let (users, admin) = (format!("http://{address}"), format!("http://{admin}"));
    Served { users, address, admin, told, folder, stop }
}

async fn served() -> Served {
    served_in(tempfile::tempdir().unwrap(), 60_000).await
}

fn settings(folder: &Path) -> Settings {
    let mut settings = Settings { folder: folder.to_owned(), ..Settings::default() };
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    (settings.balancer.listen, settings.balancer.admin) = (any, any);
    settings
}

/// A version that serves these routes, in this process.
async fn version(name: &str, routes: Router) -> Instance {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let version = axum::http::HeaderValue::from_str(name).unwrap();
    let named = axum::middleware::map_response(move |mut answer: axum::response::Response| {
        answer.headers_mut().insert("x-version", version.clone());
        std::future::ready(answer)
    });
    tokio::spawn(async { axum::serve(listener, routes.layer(named)).await.unwrap() });
    at(name, address)
}

fn at(name: &str, address: SocketAddr) -> Instance {
    Instance {
        id: name.to_owned(),
        started_by: format!("{name}/n7/1"),
        version: name.to_owned(),
        colour: Colour::Blue,
        address,
        process: Process::this().unwrap(),
    }
}

fn greeting() -> Router {
    Router::new().route("/greeting", get(|| async { "hello" }))
}

impl Served {
    async fn ready(&self) -> reqwest::Response {
        reqwest::get(format!("{}/ready", self.admin)).await.unwrap()
    }

    /// Waits until the balancer is ready, or is not. Returns its response.
    async fn until_ready(&self, is_ready: bool) -> reqwest::Response {
        let began = Instant::now();
        loop {
            let answer = self.ready().await;
            if answer.status().is_success() == is_ready {
                return answer;
            }
            assert!(began.elapsed() < LONG, "the balancer does not notice");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn switch(&self, generation: u64, to: Option<&Instance>) -> Result<(), BalancerError> {
        self.told.switch(&Assignment { generation, instance: to.cloned() }).await.map(drop)
    }
}

async fn is_problem(answer: reqwest::Response, status: StatusCode) -> String {
    assert_eq!(answer.status(), status);
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
    let problem: Value = answer.json().await.unwrap();
    problem["detail"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_ready_as_soon_as_a_version_serves() {
    let served = served().await;
    assert_eq!(reqwest::get(format!("{}/live", served.admin)).await.unwrap().status(), StatusCode::OK);
    let detail = is_problem(served.ready().await, StatusCode::SERVICE_UNAVAILABLE).await;
    assert_eq!(detail, "no version serves yet: release one");
    let nobody = reqwest::get(&served.users).await.unwrap();
    let detail = is_problem(nobody, StatusCode::SERVICE_UNAVAILABLE).await;
    assert!(detail.contains("no version serves yet"), "{detail}");
    served.switch(1, Some(&version("a", greeting()).await)).await.unwrap();
    assert_eq!(served.ready().await.status(), StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_reports_why_the_live_version_is_not_ready() {
    let served = served().await;
    let is_up = Arc::new(AtomicBool::new(true));
    let of_version = Arc::clone(&is_up);
    let ready = get(|| async move {
        if of_version.load(Ordering::SeqCst) { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }
    });
    served.switch(1, Some(&version("a", Router::new().route("/ready", ready)).await)).await.unwrap();
    assert_eq!(served.ready().await.status(), StatusCode::OK);
    is_up.store(false, Ordering::SeqCst);
    let detail = is_problem(served.until_ready(false).await, StatusCode::SERVICE_UNAVAILABLE).await;
    assert_eq!(detail, "the live version a is not ready: 503 Service Unavailable");
    is_up.store(true, Ordering::SeqCst);
    served.until_ready(true).await;
    // A socket that does not listen reserves a port that refuses connections.
    let reserved = TcpSocket::new_v4().unwrap();
    reserved.bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    served.switch(2, Some(&at("b", reserved.local_addr().unwrap()))).await.unwrap();
    let detail = is_problem(served.until_ready(false).await, StatusCode::SERVICE_UNAVAILABLE).await;
    assert!(detail.starts_with("the live version b is not ready: "), "{detail}");
    assert!(detail.contains("Connection refused"), "{detail}");
    // The outage is that of the instance. Another one is ready as soon as traffic is switched to it.
    served.switch(3, Some(&version("c", greeting()).await)).await.unwrap();
    assert_eq!(served.ready().await.status(), StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_and_answers_go_through_whole() {
    let served = served().await;
    let echo = any(|request: Request| async {
        let (head, body) = request.into_parts();
        let body = axum::body::to_bytes(body, 2_000).await.unwrap();
        let name = |headers: &HeaderMap| headers.keys().map(ToString::to_string).collect::<Vec<_>>();
        Json(json!({
            "method": head.method.as_str(),
            "uri": head.uri.to_string(),
            "headers": name(&head.headers),
            "host": head.headers["host"].to_str().unwrap(),
            "body": String::from_utf8_lossy(&body),
        }))
    });
    let hop = get(|| async { ([("connection", "x-secret"), ("x-secret", "1"), ("x-open", "1")], "") });
    let routes = Router::new().route("/echo", echo).route("/hop", hop);
    served.switch(1, Some(&version("a", routes).await)).await.unwrap();
    let client = reqwest::Client::new();
    let request = client
        .put(format!("{}/echo?a=1&b=%20", served.users))
        .header("host", "shop.example")
        .header("connection", "x-mine")
        .header("x-mine", "1")
        .header("te", "trailers")
        .header("x-kept", "1")
        .body("to be kept");
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()["x-generation"], "1");
    let seen: Value = answer.json().await.unwrap();
    assert_eq!(seen["method"], "PUT");
    assert_eq!(seen["uri"], "/echo?a=1&b=%20");
    assert_eq!(seen["host"], "shop.example");
    assert_eq!(seen["body"], "to be kept");
    let headers: Vec<&str> = seen["headers"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert!(headers.contains(&"x-kept") && headers.contains(&"x-request-id"), "{headers:?}");
    assert!(!headers.contains(&"x-mine") && !headers.contains(&"te"), "{headers:?}");
    let answer = reqwest::get(format!("{}/hop", served.users)).await.unwrap();
    assert!(answer.headers().contains_key("x-open") && !answer.headers().contains_key("x-secret"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_too_long_is_refused() {
    let served = served().await;
    let routes = Router::new().route("/", any(|body: Bytes| async move { body.len().to_string() }));
    served.switch(1, Some(&version("a", routes).await)).await.unwrap();
    let post = async |length: usize| {
        reqwest::Client::new().post(&served.users).body("x".repeat(length)).send().await.unwrap()
    };
    assert_eq!(post(1_000).await.text().await.unwrap(), "1000");
    let detail = is_problem(post(100_000).await, StatusCode::PAYLOAD_TOO_LARGE).await;
    assert!(detail.contains("1000 bytes"), "{detail}");
    let figures = served.told.standing().await.unwrap().backends.remove(0);
    let tally = figures.tally;
    assert_eq!((tally.requests, tally.errors, tally.client_closed), (1, 0, 1), "it is the client's error");
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_are_streamed_and_counted_when_they_are_over() {
    let served = served().await;
    let (go_on, wait) = watch::channel(false);
    let parts = move || async move {
        Body::from_stream(stream::unfold(
            (["first", "second"].into_iter(), wait),
            |(mut parts, mut wait)| async {
                let part = parts.next()?;
                if part == "second" {
                    wait.wait_for(|go_on| *go_on).await.unwrap();
                }
                Some((Ok::<_, std::io::Error>(part), (parts, wait)))
            },
        ))
    };
    served.switch(1, Some(&version("a", Router::new().route("/", get(parts))).await)).await.unwrap();
    let mut answer = reqwest::get(&served.users).await.unwrap();
    assert_eq!(answer.chunk().await.unwrap().unwrap(), "first");
    let figures = async || served.told.standing().await.unwrap().backends.remove(0);
    let half = figures().await;
    assert_eq!((half.in_flight, half.tally.requests), (1, 0));
    go_on.send(true).unwrap();
    assert_eq!(answer.chunk().await.unwrap().unwrap(), "second");
    assert_eq!(answer.chunk().await.unwrap(), None);
    let began = Instant::now();
    while figures().await.in_flight > 0 {
        assert!(began.elapsed() < LONG, "it is not over");
    }
    assert_eq!(figures().await.tally.requests, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_balancer_that_is_stopped_answers_the_requests_in_flight() {
    let served = served().await;
    let (go_on, wait) = watch::channel(false);
    let answer = move || async move {
        wait.clone().wait_for(|go_on| *go_on).await.unwrap();
        "done"
    };
    served.switch(1, Some(&version("a", Router::new().route("/", get(answer))).await)).await.unwrap();
    let asked = tokio::spawn(reqwest::get(served.users.clone()));
    let (began, told) = (Instant::now(), served.told.clone());
    while told.standing().await.unwrap().backends[0].in_flight == 0 {
        assert!(began.elapsed() < LONG, "it was not asked");
    }
    served.stop.send(()).unwrap();
    // It takes no new connections from now on.
    while tokio::net::TcpStream::connect(served.address).await.is_ok() {
        assert!(began.elapsed() < LONG, "it does not stop");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    go_on.send(true).unwrap();
    assert_eq!(asked.await.unwrap().unwrap().text().await.unwrap(), "done");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_is_gone_or_silent_is_an_error() {
    let served = served_in(tempfile::tempdir().unwrap(), 2_000).await;
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let gone = at("gone", listener.local_addr().unwrap());
    drop(listener);
    served.switch(1, Some(&gone)).await.unwrap();
    is_problem(reqwest::get(&served.users).await.unwrap(), StatusCode::BAD_GATEWAY).await;
    let silent = Router::new().route("/", get(std::future::pending::<()>));
    served.switch(2, Some(&version("silent", silent).await)).await.unwrap();
    assert_eq!(reqwest::get(&served.users).await.unwrap().status(), StatusCode::SERVICE_UNAVAILABLE);
    for figures in served.told.standing().await.unwrap().backends {
        assert_eq!(
            (figures.tally.requests, figures.tally.errors, figures.in_flight),
            (1, 1, 0),
            "{figures:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_switch_that_comes_late_is_refused() {
    let served = served().await;
    let (a, b) = (version("a", greeting()).await, version("b", greeting()).await);
    served.switch(5, Some(&a)).await.unwrap();
    served.switch(5, Some(&a)).await.unwrap();
    for (generation, to) in [(5, Some(&b)), (4, Some(&b)), (5, None)] {
        let refused = served.switch(generation, to).await.unwrap_err();
        assert!(matches!(refused, BalancerError::Refused(..)), "{refused}");
        assert!(refused.to_string().contains("409 Conflict"), "{refused}");
        assert!(refused.to_string().contains("not newer than 5, of which a (blue"), "{refused}");
    }
    served.switch(7, Some(&b)).await.unwrap();
    assert!(served.told.standing().await.unwrap().is_live(&b));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_live_version_is_known_after_a_restart() {
    let served = served().await;
    let a = version("a", greeting()).await;
    served.switch(3, Some(&a)).await.unwrap();
    let Served { folder, .. } = served;
    let again = served_in(folder, 60_000).await;
    assert_eq!(again.told.standing().await.unwrap().live, Assignment { generation: 3, instance: Some(a) });
    assert_eq!(reqwest::get(format!("{}/greeting", again.users)).await.unwrap().status(), StatusCode::OK);
    let refused = again.switch(2, None).await.unwrap_err();
    assert!(matches!(refused, BalancerError::Refused(..)), "{refused}");
    std::fs::write(again.folder.path().join("balancer"), "{").unwrap();
    assert!(Balancer::start(settings(again.folder.path())).await.is_err(), "it guesses who serves");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_over_many_switches() {
    const SWITCHES: u64 = 200;
    let served = served().await;
    let versions = [version("a", greeting()).await, version("b", greeting()).await];
    served.switch(1, Some(&versions[1])).await.unwrap();
    let load = Load::start(served.address, Users { pause: Duration::ZERO, ..Users::default() });
    for generation in 2..SWITCHES {
        let (new, old) = if generation % 2 == 0 { (0, 1) } else { (1, 0) };
        served.switch(generation, Some(&versions[new])).await.unwrap();
        // Who served before gets done with what it has, and gets nothing more.
        while served.told.standing().await.unwrap().in_flight(&versions[old]) > 0 {
            tokio::task::yield_now().await;
        }
        let counted =
            async || served.told.standing().await.unwrap().of(&versions[old]).unwrap().tally.clone();
        assert_eq!(counted().await, counted().await);
    }
    let seen = load.stop().await;
    assert!(seen.nothing_was_lost() && seen.errors() == 0, "{seen}\n{:?}\n{:?}", seen.lost, seen.stale);
    assert!(seen.of("a") > 0 && seen.of("b") > 0, "{seen}");
    let figures = served.told.standing().await.unwrap().backends;
    let counted: u64 = figures.iter().map(|figures| figures.tally.requests).sum();
    assert_eq!(counted, seen.answered());
}

#[tokio::test(flavor = "multi_thread")]
async fn admin_errors_are_problem_details_and_errors_of_versions_are_forwarded() {
    let served = served().await;
    served.switch(1, Some(&version("a", greeting()).await)).await.unwrap();
    let nothing = reqwest::get(format!("{}/nothing", served.admin)).await.unwrap();
    is_problem(nothing, StatusCode::NOT_FOUND).await;
    let client = reqwest::Client::new();
    let refused = client.delete(format!("{}/upstream", served.admin)).send().await.unwrap();
    assert_eq!(refused.headers()["allow"], "GET,HEAD,PUT");
    is_problem(refused, StatusCode::METHOD_NOT_ALLOWED).await;
    let no_body = client.put(format!("{}/upstream", served.admin)).send().await.unwrap();
    is_problem(no_body, StatusCode::UNSUPPORTED_MEDIA_TYPE).await;
    // axum's own 404, of the version.
    let passed_on = reqwest::get(format!("{}/nothing", served.users)).await.unwrap();
    assert_eq!((passed_on.status(), passed_on.headers().get("content-type")), (StatusCode::NOT_FOUND, None));
    assert_eq!(passed_on.text().await.unwrap(), "");
}
