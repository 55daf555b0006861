//! A backend that does what the last parts of a path say, and remembers what it was asked.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Method, Request, Response, StatusCode, Uri};
use axum::response::IntoResponse;
use axum::{Json, Router};
use bytes::Bytes;
use futures_util::stream;
use http_body_util::BodyExt as _;
use serde_json::json;
use tokio::sync::{Semaphore, mpsc};

/// A request as the backend got it.
#[derive(Clone, Debug)]
pub struct Seen {
    pub method: Method,
    pub uri: Uri,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Seen {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

/// A backend. A clone is the same one.
#[derive(Clone)]
pub struct Backend {
    pub name: &'static str,
    pub address: SocketAddr,
    inner: Arc<Inner>,
}

struct Inner {
    seen: Mutex<Vec<Seen>>,
    /// How many calls still fail.
    failures: AtomicUsize,
    status: Mutex<StatusCode>,
    /// Lets what waits go on.
    go: Semaphore,
    /// What came of a body, part by part.
    parts: Mutex<Option<mpsc::UnboundedSender<usize>>>,
}

impl Backend {
    pub async fn start(name: &'static str) -> Self {
        let inner = Arc::new(Inner {
            seen: Mutex::default(),
            failures: AtomicUsize::new(0),
            status: Mutex::new(StatusCode::SERVICE_UNAVAILABLE),
            go: Semaphore::new(0),
            parts: Mutex::default(),
        });
        let here = Self { name, address: SocketAddr::from(([0, 0, 0, 0], 0)), inner };
        let address = super::serve(Router::new().fallback(answer).with_state(here.clone())).await.unwrap();
        Self { address, ..here }
    }

    /// All requests so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.inner.seen.lock().unwrap().clone()
    }

    pub fn count(&self) -> usize {
        self.inner.seen.lock().unwrap().len()
    }

    pub fn last(&self) -> Seen {
        self.seen().pop().unwrap()
    }

    /// Fails the next calls with this status.
    pub fn fail(&self, times: usize, status: u16) {
        *self.inner.status.lock().unwrap() = StatusCode::from_u16(status).unwrap();
        self.inner.failures.store(times, Ordering::SeqCst);
    }

    /// Lets one that waits go on.
    pub fn go(&self) {
        self.inner.go.add_permits(1);
    }

    /// The parts of the next body, as they come.
    pub fn parts(&self) -> mpsc::UnboundedReceiver<usize> {
        let (sender, receiver) = mpsc::unbounded_channel();
        *self.inner.parts.lock().unwrap() = Some(sender);
        receiver
    }

    fn fails(&self) -> bool {
        let less = |left: usize| left.checked_sub(1);
        self.inner.failures.fetch_update(Ordering::SeqCst, Ordering::SeqCst, less).is_ok()
    }

    async fn waits(&self) {
        self.inner.go.acquire().await.unwrap().forget();
    }
}

async fn answer(State(here): State<Backend>, request: Request<Body>) -> Response<Body> {
    let (head, mut body) = request.into_parts();
    let parts = here.inner.parts.lock().unwrap().take();
    let mut bytes = Vec::new();
    let path = head.uri.path().to_owned();
    if !path.ends_with("/unread") {
        while let Some(frame) = body.frame().await {
            let Ok(frame) = frame else { return StatusCode::BAD_REQUEST.into_response() };
            let data = frame.into_data().unwrap_or_default();
            if let Some(parts) = &parts {
                let _ = parts.send(data.len());
            }
            bytes.extend_from_slice(&data);
        }
    }
    let (method, headers) = (head.method.clone(), head.headers.clone());
    let length = bytes.len();
    let seen = Seen { method, uri: head.uri.clone(), headers, body: bytes.into() };
    here.inner.seen.lock().unwrap().push(seen);
    if here.fails() {
        return here.inner.status.lock().unwrap().into_response();
    }
    match path.rsplit('/').next().unwrap_or_default() {
        "slow" | "unread" => {
            tokio::time::sleep(Duration::from_secs(60)).await;
            "at last".into_response()
        }
        "wait" => {
            here.waits().await;
            Json(json!({ "backend": here.name })).into_response()
        }
        "hop" => Response::builder()
            .header("connection", "x-private")
            .header("x-private", "for the gateway alone")
            .header("keep-alive", "timeout=5")
            .header("proxy-authenticate", "Basic")
            .header("upgrade", "websocket")
            .header("x-public", "for all")
            .body(Body::from("hop"))
            .unwrap(),
        "parts" => Body::from_stream(stream::unfold(0, move |sent| {
            let here = here.clone();
            async move {
                if sent == 3 {
                    return None;
                }
                here.waits().await;
                Some((Ok::<_, std::io::Error>(Bytes::from(format!("part {sent};"))), sent + 1))
            }
        }))
        .into_response(),
        "stall" => {
            let first = stream::once(async { Ok::<_, std::io::Error>(Bytes::from("half")) });
            let never = stream::once(async {
                tokio::time::sleep(Duration::from_secs(60)).await;
                Ok(Bytes::from("the other half"))
            });
            Body::from_stream(futures_util::StreamExt::chain(first, never)).into_response()
        }
        "break" => {
            let first = stream::once(async { Ok(Bytes::from("half")) });
            let broken = stream::once(async move {
                here.waits().await;
                Err(std::io::Error::other("broke"))
            });
            Body::from_stream(futures_util::StreamExt::chain(first, broken)).into_response()
        }
        "endless" => {
            let parts = stream::repeat_with(|| Ok::<_, std::io::Error>(Bytes::from(vec![b'x'; 50_000])));
            Body::from_stream(parts).into_response()
        }
        "long" => "x".repeat(11_000_000).into_response(),
        "big" => Json("x".repeat(20_000)).into_response(),
        "text" => "this is no JSON".into_response(),
        "missing" => (StatusCode::NOT_FOUND, Json(json!({ "error": "not here" }))).into_response(),
        "created" => {
            (StatusCode::CREATED, [("location", "/one/7"), ("x-of", here.name)], "made").into_response()
        }
        _ => Json(json!({ "backend": here.name, "path": path, "bytes": length })).into_response(),
    }
}
