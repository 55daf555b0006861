//! The context of a run: a request and the progress of its processing.

use std::net::IpAddr;
use std::sync::Arc;

use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Request, Response};
use bytes::Bytes;
use fastrand::Rng;
use flowgen::{Fault, Fork};
use hyper::body::Incoming;

use crate::call::Failure;
use crate::drawing::backends::WhatCame;
use crate::drawing::identity::Authenticated;
use crate::headers::Peer;
use crate::routes::{Found, Route, Table};
use crate::service::problem::Problem;
use crate::transfer::body::LimitedBody;

/// A request and the progress of its processing.
#[derive(Debug)]
pub struct Exchange {
    /// The id of the request, in logs, for backends and in the response.
    pub(crate) id: HeaderValue,
    pub(crate) rng: Rng,
    /// The peer of the connection: a client, or a proxy before this gateway.
    pub(crate) peer: Peer,
    /// The client, as far as the proxies before this gateway are trusted.
    pub(crate) client: IpAddr,
    /// The head. Its headers are moved out to become `outgoing`.
    pub(crate) head: Parts,
    /// The body, until it is forwarded.
    pub(crate) body: Option<Incoming>,
    /// The headers for a backend.
    pub(crate) outgoing: HeaderMap,
    /// The route table that was active when the request arrived.
    pub(crate) table: Arc<Table>,
    pub(crate) found: Option<Found>,
    pub(crate) authenticated: Authenticated,
    /// The subject of the token.
    pub(crate) subject: Option<Arc<str>>,
    /// The number of calls to the backend.
    pub(crate) attempts: u32,
    pub(crate) came: WhatCame,
    /// The parts of an aggregated response.
    pub(crate) parts: Vec<Gathered>,
    pub(crate) answer: Option<Answer>,
    /// The response, if the request is refused.
    pub(crate) refusal: Option<Problem>,
}

/// A successful response to the client.
#[derive(Debug)]
pub(crate) enum Answer {
    /// The response of a backend, streamed.
    Streamed(Response<LimitedBody<Incoming>>),
    /// An aggregated response.
    Joined(Response<Bytes>),
}

/// A part of an aggregated response, or why it is missing.
#[derive(Debug)]
pub(crate) struct Gathered {
    pub(crate) name: Arc<str>,
    pub(crate) is_required: bool,
    pub(crate) came: Result<Bytes, Failure>,
}

impl Exchange {
    pub(crate) fn new(
        request: Request<Incoming>,
        peer: Peer,
        (id, client): (HeaderValue, IpAddr),
        rng: Rng,
        table: Arc<Table>,
    ) -> Self {
        let (head, body) = request.into_parts();
        Self { body: Some(body), ..Self::without_body(id, rng, (peer, client), head, table) }
    }

    pub(crate) fn without_body(
        id: HeaderValue,
        rng: Rng,
        (peer, client): (Peer, IpAddr),
        head: Parts,
        table: Arc<Table>,
    ) -> Self {
        Self {
            id,
            rng,
            peer,
            client,
            head,
            body: None,
            outgoing: HeaderMap::new(),
            table,
            found: None,
            authenticated: Authenticated::No,
            subject: None,
            attempts: 0,
            came: WhatCame::Failure,
            parts: Vec::new(),
            answer: None,
            refusal: None,
        }
    }

    pub(crate) fn refuse(&mut self, problem: Problem) {
        self.refusal = Some(problem);
    }

    /// The route, at nodes where the drawing guarantees one.
    pub(crate) fn route(&self) -> Result<&Arc<Route>, Fault> {
        let found = self.found.as_ref().ok_or_else(|| Fault::new("no route was looked for yet"))?;
        Ok(&found.route)
    }
}

/// A branch requests parts of the response. It needs no request body.
impl Fork for Exchange {
    fn fork(&self) -> Self {
        let (id, table) = (self.id.clone(), Arc::clone(&self.table));
        Self {
            outgoing: self.outgoing.clone(),
            found: self.found.clone(),
            authenticated: self.authenticated,
            subject: self.subject.clone(),
            ..Self::without_body(
                id,
                self.rng.clone(),
                (self.peer.clone(), self.client),
                self.head.clone(),
                table,
            )
        }
    }

    fn join(&mut self, branch: Self) {
        self.parts.extend(branch.parts);
    }
}
