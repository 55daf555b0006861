//! The access log.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use axum::BoxError;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, header};
use bytes::Bytes;
use http_body::{Body as _, Frame, SizeHint};
use tracing::Span;

use crate::routes::{Route, To};

/// The log entry of a request. It is written when the response has been sent or the client has disconnected. The
/// span has the other fields.
#[derive(Debug)]
pub(crate) struct AccessLine {
    pub(crate) span: Span,
    pub(crate) began: Instant,
    pub(crate) agent: Option<HeaderValue>,
    pub(crate) route: Option<Arc<Route>>,
    pub(crate) status: u16,
    /// The size of the response body that was passed to the connection, in bytes.
    pub(crate) bytes: u64,
    pub(crate) is_complete: bool,
}

/// A response body that logs the request when it is dropped.
#[derive(Debug)]
pub(crate) struct LoggedBody {
    inner: Body,
    line: AccessLine,
}

/// The `User-Agent` of a request.
pub(crate) fn agent(headers: &HeaderMap) -> Option<HeaderValue> {
    headers.get(header::USER_AGENT).cloned()
}

impl LoggedBody {
    pub(crate) fn new(inner: Body, mut line: AccessLine) -> Self {
        line.is_complete = inner.is_end_stream();
        Self { inner, line }
    }
}

impl http_body::Body for LoggedBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        task: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let frame = Pin::new(&mut self.inner).poll_frame(task);
        match &frame {
            Poll::Ready(Some(Ok(frame))) => {
                self.line.bytes += frame.data_ref().map_or(0, |data| data.len() as u64);
                // A body of known length is not polled again after its last part.
                self.line.is_complete = self.inner.is_end_stream();
            }
            Poll::Ready(None) => self.line.is_complete = true,
            Poll::Ready(Some(Err(_))) | Poll::Pending => {}
        }
        frame.map_err(Into::into)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

impl Drop for AccessLine {
    fn drop(&mut self) {
        let Self { span, began, agent, route, status, bytes, is_complete } = self;
        let agent = agent.as_ref().map(|agent| String::from_utf8_lossy(agent.as_bytes()));
        let backend = route.as_ref().and_then(|route| match &route.to {
            To::One(backend) => Some(backend.name.as_str()),
            To::Several(_) => None,
        });
        let route = route.as_ref().map(|route| route.name.as_str());
        let ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        span.in_scope(|| {
            tracing::info!(
                status,
                route,
                backend,
                ms,
                bytes,
                is_complete,
                agent = agent.as_deref(),
                "answered"
            );
        });
    }
}
