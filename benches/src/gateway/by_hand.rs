//! A proxy as one writes it by hand, with axum and hyper-util, and the same checks: paths, quotas for all,
//! for a client and for a route, routes, tokens, headers, lengths and times.

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
use axum::http::uri::{Authority, Scheme};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri, header};
use axum::response::IntoResponse as _;
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultDirectRateLimiter, DefaultKeyedRateLimiter, NotUntil, Quota, RateLimiter};
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::body::Bytes;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde::Deserialize;
use tokio::net::TcpListener;
use tokio::time::timeout;

use super::{Backends, LOCAL, QUOTA};

struct Proxy {
    client: Client<HttpConnector, Body>,
    routes: ArcSwap<matchit::Router<Route>>,
    keys: ArcSwap<HashMap<String, DecodingKey>>,
    validation: Validation,
    global: DefaultDirectRateLimiter,
    clients: DefaultKeyedRateLimiter<Who>,
}

struct Route {
    backend: Authority,
    host: HeaderValue,
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

const LONGEST: usize = 1024 * 1024;

pub(super) async fn start(backends: &Backends) -> Result<SocketAddr> {
    let quota = Quota::per_second(QUOTA.per_second).allow_burst(QUOTA.burst);
    let authority: Authority = backends.backend.to_string().parse()?;
    let mut routes = matchit::Router::new();
    for (path, is_public) in [("/products/{id}", false), ("/open/{id}", true)] {
        let host = HeaderValue::from_str(authority.as_str())?;
        let (backend, limit) = (authority.clone(), RateLimiter::direct(quota));
        let time = Duration::from_secs(2);
        routes.insert(path, Route { backend, host, methods: vec![Method::GET], is_public, limit, time })?;
    }
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[AUDIENCE]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    validation.validate_exp = false;
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let proxy = Proxy {
        client: Client::builder(TokioExecutor::new()).build(connector),
        routes: ArcSwap::from_pointee(routes),
        keys: ArcSwap::from_pointee(keys(&backends.jwks).await?),
        validation,
        global: RateLimiter::direct(quota),
        clients: RateLimiter::keyed(quota),
    };
    let app = Router::new().fallback(handle).with_state(Arc::new(proxy));
    let listener = TcpListener::bind(LOCAL).await?;
    let address = listener.local_addr()?;
    let listener = axum::serve::ListenerExt::tap_io(listener, |stream| {
        let _ = stream.set_nodelay(true);
    });
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, app).await });
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
    let mut response = match proxy.answer(&id, peer.ip(), request).await {
        Ok(response) => response,
        Err((status, headers, detail)) => {
            let body =
                serde_json::json!({ "type": "about:blank", "status": status.as_u16(), "detail": detail });
            (status, headers, axum::Json(body)).into_response()
        }
    };
    if let Ok(id) = HeaderValue::try_from(id) {
        response.headers_mut().insert("x-request-id", id);
    }
    response
}

impl Proxy {
    async fn answer(
        &self,
        id: &str,
        peer: IpAddr,
        request: Request<Body>,
    ) -> Result<Response<Body>, Refused> {
        let (head, body) = request.into_parts();
        let path = head.uri.path();
        if head.headers.get_all(header::HOST).iter().count() != 1 || !is_safe(path) {
            return Err(refused(StatusCode::BAD_REQUEST, "malformed"));
        }
        let length = head.headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok());
        if length.and_then(|length| length.parse().ok()).is_some_and(|length: usize| length > LONGEST) {
            return Err(refused(StatusCode::PAYLOAD_TOO_LARGE, "too long"));
        }
        self.global.check().map_err(|until| too_many(&until))?;
        let routes = self.routes.load();
        let matched = routes.at(path).map_err(|_| refused(StatusCode::NOT_FOUND, "no route"))?;
        let route = matched.value;
        if !route.methods.contains(&head.method) {
            return Err(refused(StatusCode::METHOD_NOT_ALLOWED, "another method"));
        }
        let mut headers = outgoing(&head.headers, peer, id);
        let who = if route.is_public {
            Who::Address(peer)
        } else {
            let subject =
                self.subject(&head.headers).ok_or_else(|| refused(StatusCode::UNAUTHORIZED, "no token"))?;
            let told =
                HeaderValue::from_str(&subject).map_err(|_| refused(StatusCode::UNAUTHORIZED, "odd"))?;
            headers.insert("x-auth-subject", told);
            Who::Subject(subject)
        };
        self.clients.check_key(&who).map_err(|until| too_many(&until))?;
        route.limit.check().map_err(|until| too_many(&until))?;
        headers.insert(header::HOST, route.host.clone());
        let mut uri = head.uri.into_parts();
        uri.scheme = Some(Scheme::HTTP);
        uri.authority = Some(route.backend.clone());
        let mut onward = Request::new(Body::new(Limited::new(body, LONGEST)));
        *onward.method_mut() = head.method;
        *onward.uri_mut() = Uri::from_parts(uri).map_err(|_| refused(StatusCode::BAD_REQUEST, "no path"))?;
        *onward.headers_mut() = headers;
        let mut answer = timeout(route.time, self.client.request(onward))
            .await
            .map_err(|_| refused(StatusCode::GATEWAY_TIMEOUT, "too slow"))?
            .map_err(|_| refused(StatusCode::BAD_GATEWAY, "unreachable"))?;
        strip(answer.headers_mut());
        answer.headers_mut().append(header::VIA, HeaderValue::from_static("1.1 gateway"));
        Ok(answer.map(Body::new))
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

fn is_safe(path: &str) -> bool {
    let bad = |segment: &str| {
        let plain = segment.to_ascii_lowercase().replace("%2e", ".");
        plain == "." || plain == ".." || ["%2f", "%5c", "%00", "\\"].iter().any(|odd| plain.contains(odd))
    };
    path.starts_with('/') && !path.split('/').any(bad)
}

const HOP_BY_HOP: [&str; 9] = [
    "connection",
    "keep-alive",
    "proxy-connection",
    "proxy-authenticate",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];
const OURS: [&str; 6] =
    ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "x-auth-subject"];

fn strip(headers: &mut HeaderMap) {
    let listed: Vec<HeaderName> = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in &listed {
        headers.remove(name);
    }
    for name in HOP_BY_HOP {
        headers.remove(name);
    }
}

fn outgoing(incoming: &HeaderMap, peer: IpAddr, id: &str) -> HeaderMap {
    let mut headers = incoming.clone();
    strip(&mut headers);
    for name in OURS {
        headers.remove(name);
    }
    headers.remove(header::EXPECT);
    if let Some(host) = headers.remove(header::HOST) {
        headers.insert("x-forwarded-host", host);
    }
    if let Ok(peer) = HeaderValue::try_from(peer.to_string()) {
        headers.insert("x-forwarded-for", peer);
    }
    headers.insert("x-forwarded-proto", HeaderValue::from_static("http"));
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert("x-request-id", id);
    }
    headers.append(header::VIA, HeaderValue::from_static("1.1 gateway"));
    headers
}
