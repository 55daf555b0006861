//! Headers that must not pass, and those that this gateway says itself.

use std::net::IpAddr;

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use ipnet::IpNet;

use crate::address::parse_forwarded;

/// Names a request, in logs and at backends.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Tells backends whose token it was. Only this gateway says so.
pub(crate) const SUBJECT: HeaderName = HeaderName::from_static("x-auth-subject");

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Headers that are about one connection (RFC 9110, section 7.6.1), whether `Connection` lists them or not.
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

/// How the next one is told that a message came through here (RFC 9110, section 7.6.3).
const VIA: HeaderValue = HeaderValue::from_static("1.1 gateway");

/// Takes away what is about the connection that a message came on.
pub(crate) fn strip_hop_by_hop(headers: &mut HeaderMap) {
    strip(headers, |_| false);
}

/// The same, and what else is to go. Looks through the headers that are there, which are fewer than those
/// that may not be, and mostly finds nothing.
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

/// Says that a message came through here.
pub(crate) fn add_via(headers: &mut HeaderMap) {
    headers.append(header::VIA, VIA);
}

/// Who is connected, and how a backend is told of them. Made once for a connection.
#[derive(Clone, Debug)]
pub struct Peer {
    pub(crate) address: IpAddr,
    told: HeaderValue,
}

impl From<IpAddr> for Peer {
    /// An IPv4 address that a dual-stack listener reports as IPv6 is an IPv4 address.
    fn from(address: IpAddr) -> Self {
        let address = address.to_canonical();
        // An address is text that a header may hold.
        let told = HeaderValue::try_from(address.to_string());
        Self { address, told: told.unwrap_or(const { HeaderValue::from_static("unknown") }) }
    }
}

/// Who is believed when they say whom they forward for.
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

    /// Who asks: behind proxies that are trusted, the last one who is not.
    pub(crate) fn client(&self, headers: &HeaderMap, peer: IpAddr) -> IpAddr {
        if !self.covers(peer) {
            return peer;
        }
        let lines: Vec<&str> =
            headers.get_all(FORWARDED_FOR).iter().filter_map(|line| line.to_str().ok()).collect();
        let mut client = peer;
        for hop in lines.iter().flat_map(|line| line.split(',')).rev() {
            // Elements before one that is no address are not trusted either.
            let Some(address) = parse_forwarded(hop) else { break };
            client = address;
            if !self.covers(address) {
                break;
            }
        }
        client
    }

    /// The name that a trusted peer gives to a request.
    pub(crate) fn request_id<'h>(&self, headers: &'h HeaderMap, peer: IpAddr) -> Option<&'h str> {
        let id = headers.get(REQUEST_ID).filter(|_| self.covers(peer))?.to_str().ok()?;
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        (!id.is_empty() && id.len() <= 128 && id.bytes().all(is_plain)).then_some(id)
    }
}

/// Makes of the headers of a request what a backend gets of them.
///
/// What this gateway says itself is set after everything else was taken away. So a client can neither
/// say it, nor have it taken away by listing it in `Connection`.
pub(crate) fn make_outgoing(headers: &mut HeaderMap, peer: &Peer, trust: &Trust, id: &HeaderValue) {
    let is_trusted = trust.covers(peer.address);
    let before = |name: &HeaderName| headers.get(name).filter(|_| is_trusted).cloned();
    let (host_before, proto_before) = (before(&FORWARDED_HOST), before(&FORWARDED_PROTO));
    let hops = if is_trusted { hops(headers, peer) } else { peer.told.clone() };
    let host = headers.get(header::HOST).cloned();
    // The body is framed anew, and an expectation was met when it was read.
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

/// Whom a peer that is trusted forwards for, and that peer.
fn hops(headers: &HeaderMap, peer: &Peer) -> HeaderValue {
    let lines = headers.get_all(FORWARDED_FOR).iter().chain([&peer.told]);
    let hops: Vec<&str> = lines.filter_map(|line| line.to_str().ok()).collect();
    HeaderValue::try_from(hops.join(", ")).unwrap_or_else(|_| peer.told.clone())
}

/// Headers that say who asks, or what is asked for, and that some servers and frameworks believe.
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

/// A header that only this gateway, or a proxy that is trusted, may say. Some servers take `_` for `-`.
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
