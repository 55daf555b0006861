//! What a run carries along: a request, and what becomes of it.

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

/// A request, and what becomes of it.
#[derive(Debug)]
pub struct Exchange {
    /// What the request is called in logs, at backends, and in the answer.
    pub(crate) id: HeaderValue,
    pub(crate) rng: Rng,
    /// Who is connected: a client, or a proxy before this one.
    pub(crate) peer: Peer,
    /// Who asks, as far as those before this one are trusted.
    pub(crate) client: IpAddr,
    /// The head, whose headers are taken out to become those that a backend gets.
    pub(crate) head: Parts,
    /// The body, until it is handed on.
    pub(crate) body: Option<Incoming>,
    /// The headers that a backend gets.
    pub(crate) outgoing: HeaderMap,
    /// The routes that were in force when the request came.
    pub(crate) table: Arc<Table>,
    pub(crate) found: Option<Found>,
    pub(crate) authenticated: Authenticated,
    /// The subject of the token.
    pub(crate) subject: Option<Arc<str>>,
    /// How often a backend was asked.
    pub(crate) attempts: u32,
    pub(crate) came: WhatCame,
    /// The parts of an answer that is put together.
    pub(crate) parts: Vec<Gathered>,
    pub(crate) answer: Option<Answer>,
    /// Why the request gets no answer but this.
    pub(crate) refusal: Option<Problem>,
}

/// What the client gets, where all is well.
#[derive(Debug)]
pub(crate) enum Answer {
    /// A backend's answer, as it comes.
    Streamed(Response<LimitedBody<Incoming>>),
    /// One that was put together here.
    Joined(Response<Bytes>),
}

/// A part of an answer, or why there is none.
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

    /// The route, where the drawing says that there is one.
    pub(crate) fn route(&self) -> Result<&Arc<Route>, Fault> {
        let found = self.found.as_ref().ok_or_else(|| Fault::new("no route was looked for yet"))?;
        Ok(&found.route)
    }
}

/// A branch asks for parts of the answer, and needs no body for that.
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
