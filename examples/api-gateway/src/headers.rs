//! Headers that must not be forwarded, and those that this gateway sets.

use std::net::IpAddr;

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use ipnet::IpNet;

use crate::address::parse_forwarded;

/// The id of a request, in logs and for backends.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// The subject of the token, for backends. Only this gateway may set it.
pub(crate) const SUBJECT: HeaderName = HeaderName::from_static("x-auth-subject");

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Headers of one connection (RFC 9110, section 7.6.1), whether `Connection` lists them or not.
static HOP_BY_HOP: [HeaderName; 9] = [
    header::CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

/// The header value that marks a message as forwarded by this gateway (RFC 9110, section 7.6.3).
const VIA: HeaderValue = HeaderValue::from_static("1.1 gateway");

/// Removes the headers of the connection that a message arrived on.
pub(crate) fn strip_hop_by_hop(headers: &mut HeaderMap) {
    strip(headers, |_| false);
}

/// Removes the headers of the connection and those that `is_to_go` selects. Iterates over the headers of the
/// message, since there are fewer of them than forbidden names, and usually removes none.
fn strip(headers: &mut HeaderMap, is_to_go: impl Fn(&HeaderName) -> bool) {
    let mut gone: Vec<HeaderName> = Vec::new();
    for value in headers.get_all(header::CONNECTION) {
        let names = value.as_bytes().split(|&byte| byte == b',').map(<[u8]>::trim_ascii);
        gone.extend(names.filter_map(|name| HeaderName::from_bytes(name).ok()));
    }
    gone.extend(headers.keys().filter(|name| HOP_BY_HOP.contains(name) || is_to_go(name)).cloned());
    for name in &gone {
        headers.remove(name);
    }
}

/// Marks a message as forwarded by this gateway.
pub(crate) fn add_via(headers: &mut HeaderMap) {
    headers.append(header::VIA, VIA);
}

/// The address of a connection, and its header value for backends. Created once per connection.
#[derive(Clone, Debug)]
pub struct Peer {
    pub(crate) address: IpAddr,
    told: HeaderValue,
}

impl From<IpAddr> for Peer {
    /// Converts an IPv4-mapped IPv6 address, as reported by a dual-stack listener, to IPv4.
    fn from(address: IpAddr) -> Self {
        let address = address.to_canonical();
        // The text of an address is a valid header value.
        let told = HeaderValue::try_from(address.to_string());
        Self { address, told: told.unwrap_or(const { HeaderValue::from_static("unknown") }) }
    }
}

/// The proxies that are trusted to name the client they forward for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trust(Vec<IpNet>);

impl Trust {
    pub(crate) fn new(proxies: &[IpNet]) -> Self {
        Self(proxies.to_vec())
    }

    pub(crate) fn covers(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|net| net.contains(&address))
    }

    /// The address of the client: the last hop before the trusted proxies.
    pub(crate) fn client(&self, headers: &HeaderMap, peer: IpAddr) -> IpAddr {
        if !self.covers(peer) {
            return peer;
        }
        let lines: Vec<&str> =
            headers.get_all(FORWARDED_FOR).iter().filter_map(|line| line.to_str().ok()).collect();
        let mut client = peer;
        for hop in lines.iter().flat_map(|line| line.split(',')).rev() {
            // If an element is not an address, it and all elements before it are not trusted.
            let Some(address) = parse_forwarded(hop) else { break };
            client = address;
            if !self.covers(address) {
                break;
            }
        }
        client
    }

    /// The request id that a trusted peer has set.
    pub(crate) fn request_id<'h>(&self, headers: &'h HeaderMap, peer: IpAddr) -> Option<&'h str> {
        let id = headers.get(REQUEST_ID).filter(|_| self.covers(peer))?.to_str().ok()?;
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        (!id.is_empty() && id.len() <= 128 && id.bytes().all(is_plain)).then_some(id)
    }
}

/// Converts the headers of a request to those for a backend.
///
/// The headers of this gateway are set after all others have been removed. A client can therefore neither set them
/// nor have them removed by listing them in `Connection`.
pub(crate) fn make_outgoing(headers: &mut HeaderMap, peer: &Peer, trust: &Trust, id: &HeaderValue) {
    let is_trusted = trust.covers(peer.address);
    let before = |name: &HeaderName| headers.get(name).filter(|_| is_trusted).cloned();
    let (host_before, proto_before) = (before(&FORWARDED_HOST), before(&FORWARDED_PROTO));
    let hops = if is_trusted { hops(headers, peer) } else { peer.told.clone() };
    let host = headers.get(header::HOST).cloned();
    // The body gets a new framing, and an expectation was met when the body was read.
    let is_anew = |name: &HeaderName| [header::CONTENT_LENGTH, header::EXPECT, header::HOST].contains(name);
    strip(headers, |name| is_anew(name) || is_ours(name));
    headers.insert(FORWARDED_FOR, hops);
    headers.insert(FORWARDED_PROTO, proto_before.unwrap_or(const { HeaderValue::from_static("http") }));
    if let Some(host) = host_before.or(host) {
        headers.insert(FORWARDED_HOST, host);
    }
    headers.insert(REQUEST_ID, id.clone());
    add_via(headers);
}

/// The client of a trusted peer, followed by that peer.
fn hops(headers: &HeaderMap, peer: &Peer) -> HeaderValue {
    let lines = headers.get_all(FORWARDED_FOR).iter().chain([&peer.told]);
    let hops: Vec<&str> = lines.filter_map(|line| line.to_str().ok()).collect();
    HeaderValue::try_from(hops.join(", ")).unwrap_or_else(|_| peer.told.clone())
}

/// Headers that name the client or the requested resource, and that some servers and frameworks trust.
const OURS: [&str; 12] = [
    "cf-connecting-ip",
    "client-ip",
    "forwarded",
    "true-client-ip",
    "x-auth-subject",
    "x-client-ip",
    "x-cluster-client-ip",
    "x-http-method-override",
    "x-original-url",
    "x-real-ip",
    "x-request-id",
    "x-rewrite-url",
];

/// Whether only this gateway or a trusted proxy may set the header. Some servers treat `_` as `-`.
fn is_ours(name: &HeaderName) -> bool {
    let name = name.as_str();
    let matches = |ours: &str| {
        name.len() == ours.len()
            && name.bytes().zip(ours.bytes()).all(|(one, our)| one == our || (one == b'_' && our == b'-'))
    };
    let starts = "x-forwarded-";
    let is_forwarded = name.len() >= starts.len()
        && name.bytes().zip(starts.bytes()).all(|(one, our)| one == our || (one == b'_' && our == b'-'));
    is_forwarded || OURS.into_iter().any(matches)
}
