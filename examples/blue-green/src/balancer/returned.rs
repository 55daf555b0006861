//! Request bodies that can be sent to another version.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use http_body::{Frame, SizeHint};

use crate::transfer::body::ClientBody;

/// Receives an unused body.
#[derive(Clone, Debug, Default)]
pub(super) struct Returned(Arc<Mutex<Option<ClientBody<Body>>>>);

/// A body that is returned if it is dropped before any of it was read.
#[derive(Debug)]
pub(super) struct ReturnedBody {
    /// `None` only after the body was returned.
    inner: Option<ClientBody<Body>>,
    is_touched: bool,
    to: Returned,
}

impl Returned {
    /// Takes the body of a request of which nothing was sent.
    pub(super) fn take(&self) -> Option<ClientBody<Body>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Wraps a body to be sent, which is returned here if it is not used.
    pub(super) fn body(&self, inner: ClientBody<Body>) -> ReturnedBody {
        ReturnedBody { inner: Some(inner), is_touched: false, to: self.clone() }
    }
}

impl Drop for ReturnedBody {
    fn drop(&mut self) {
        if !self.is_touched {
            *self.to.0.lock().unwrap_or_else(PoisonError::into_inner) = self.inner.take();
        }
    }
}

impl HttpBody for ReturnedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        task: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = self.get_mut();
        this.is_touched = true;
        this.inner.as_mut().map_or(Poll::Ready(None), |inner| Pin::new(inner).poll_frame(task))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.as_ref().map_or_else(SizeHint::default, HttpBody::size_hint)
    }
}
