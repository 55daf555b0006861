//! A proxy as one writes it by hand, with axum and hyper-util, and the same checks: paths, quotas for all,
//! for a client and for a route, routes, tokens, headers, lengths and times, a breaker and a budget for retries.
//! It names requests and logs them, too.

mod backend;
mod body;
mod headers;
mod server;

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Result;
use api_gateway::demo::identity::{AUDIENCE, ISSUER};
use arc_swap::ArcSwap;
use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use axum::response::IntoResponse as _;
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultDirectRateLimiter, DefaultKeyedRateLimiter, NotUntil, Quota, RateLimiter};
use http_body_util::{BodyExt as _, Empty};
use hyper::body::Bytes;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde::Deserialize;
use tokio::net::TcpListener;
use tracing::Instrument as _;

use super::{Backends, LOCAL, QUOTA};
use backend::{Backend, Connections, connections, is_too_long};
use headers::{REQUEST_ID, SUBJECT, add_via, is_safe, make_outgoing, strip};

struct Proxy {
    connections: Connections,
    routes: ArcSwap<matchit::Router<Route>>,
    keys: ArcSwap<HashMap<String, DecodingKey>>,
    validation: Validation,
    global: DefaultDirectRateLimiter,
    clients: DefaultKeyedRateLimiter<Who>,
}

struct Route {
    backend: Arc<Backend>,
    methods: Vec<Method>,
    is_public: bool,
    limit: DefaultDirectRateLimiter,
    time: Duration,
}

#[derive(Clone, PartialEq, Eq, Hash)]
enum Who {
    Subject(String),
    Address(IpAddr),
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
    exp: u64,
}

pub(super) async fn start(backends: &Backends) -> Result<SocketAddr> {
    let quota = Quota::per_second(QUOTA.per_second).allow_burst(QUOTA.burst);
    let backend = Arc::new(Backend::new(&backends.backend.to_string())?);
    let mut routes = matchit::Router::new();
    for (path, is_public) in [("/products/{id}", false), ("/open/{id}", true)] {
        let (backend, limit) = (Arc::clone(&backend), RateLimiter::direct(quota));
        let time = Duration::from_secs(2);
        routes.insert(path, Route { backend, methods: vec![Method::GET], is_public, limit, time })?;
    }
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[AUDIENCE]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    validation.validate_exp = false;
    let proxy = Proxy {
        connections: connections(),
        routes: ArcSwap::from_pointee(routes),
        keys: ArcSwap::from_pointee(keys(&backends.jwks).await?),
        validation,
        global: RateLimiter::direct(quota),
        clients: RateLimiter::keyed(quota),
    };
    let app = Router::new().fallback(handle).with_state(Arc::new(proxy));
    let listener = TcpListener::bind(LOCAL).await?;
    let address = listener.local_addr()?;
    tokio::spawn(server::serve(listener, app, std::future::pending()));
    Ok(address)
}

async fn keys(url: &str) -> Result<HashMap<String, DecodingKey>> {
    let client = Client::builder(TokioExecutor::new()).build_http::<Empty<Bytes>>();
    let body = client.get(url.parse()?).await?.into_body().collect().await?.to_bytes();
    let set: JwkSet = serde_json::from_slice(&body)?;
    let named = set.keys.iter().filter_map(|key| Some((key.common.key_id.clone()?, key)));
    named.map(|(name, key)| Ok((name, DecodingKey::from_jwk(key)?))).collect()
}

/// A problem, and the headers that go with it.
type Refused = (StatusCode, HeaderMap, String);

async fn handle(
    State(proxy): State<Arc<Proxy>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request<Body>,
) -> Response<Body> {
    let id = format!("{:032x}", fastrand::u128(..));
    let (method, path) = (request.method(), request.uri().path());
    let span = tracing::info_span!("request", %id, client = %peer.ip(), %method, path);
    let answered = async {
        let Ok(name) = HeaderValue::from_str(&id) else {
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        };
        let mut response = match proxy.answer(&name, peer.ip(), request).await {
            Ok(response) => response,
            Err((status, headers, detail)) => {
                let body =
                    serde_json::json!({ "type": "about:blank", "status": status.as_u16(), "detail": detail });
                (status, headers, axum::Json(body)).into_response()
            }
        };
        tracing::info!(status = response.status().as_u16(), "answered");
        response.headers_mut().insert(REQUEST_ID, name);
        response
    };
    answered.instrument(span).await
}

impl Proxy {
    async fn answer(
        &self,
        id: &HeaderValue,
        peer: IpAddr,
        request: Request<Body>,
    ) -> Result<Response<Body>, Refused> {
        let (mut head, body) = request.into_parts();
        let path = head.uri.path();
        if head.headers.get_all(header::HOST).iter().count() != 1 || !is_safe(path) {
            return Err(refused(StatusCode::BAD_REQUEST, "malformed"));
        }
        if is_too_long(&head.headers) {
            return Err(refused(StatusCode::PAYLOAD_TOO_LARGE, "too long"));
        }
        self.global.check().map_err(|until| too_many(&until))?;
        let routes = self.routes.load();
        let matched = routes.at(path).map_err(|_| refused(StatusCode::NOT_FOUND, "no route"))?;
        let route = matched.value;
        if !route.methods.contains(&head.method) {
            return Err(refused(StatusCode::METHOD_NOT_ALLOWED, "another method"));
        }
        make_outgoing(&mut head.headers, peer, id);
        let who = if route.is_public {
            Who::Address(peer)
        } else {
            let subject =
                self.subject(&head.headers).ok_or_else(|| refused(StatusCode::UNAUTHORIZED, "no token"))?;
            let told =
                HeaderValue::from_str(&subject).map_err(|_| refused(StatusCode::UNAUTHORIZED, "odd"))?;
            head.headers.insert(SUBJECT, told);
            Who::Subject(subject)
        };
        self.clients.check_key(&who).map_err(|until| too_many(&until))?;
        route.limit.check().map_err(|until| too_many(&until))?;
        let mut answer = route.backend.send(&self.connections, head, body, route.time).await?;
        strip(answer.headers_mut());
        add_via(answer.headers_mut());
        Ok(answer)
    }

    fn subject(&self, headers: &HeaderMap) -> Option<String> {
        let mut lines = headers.get_all(header::AUTHORIZATION).iter();
        let (line, None) = (lines.next()?.to_str().ok()?, lines.next()) else { return None };
        let (scheme, token) = line.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return None;
        }
        let found = decode_header(token).ok()?;
        if found.alg != Algorithm::EdDSA || found.crit.is_some() {
            return None;
        }
        let keys = self.keys.load();
        let claims = decode::<Claims>(token, keys.get(&found.kid?)?, &self.validation).ok()?.claims;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).ok()?.as_secs();
        (now < claims.exp + 30).then_some(claims.sub)
    }
}

fn refused(status: StatusCode, why: &str) -> Refused {
    (status, HeaderMap::new(), why.to_owned())
}

fn too_many(until: &NotUntil<<DefaultClock as governor::clock::Clock>::Instant>) -> Refused {
    let seconds = until.wait_time_from(DefaultClock::default().now()).as_secs() + 1;
    let headers = HeaderMap::from_iter([(header::RETRY_AFTER, HeaderValue::from(seconds))]);
    (StatusCode::TOO_MANY_REQUESTS, headers, "too many".to_owned())
}
