//! Errors as RFC 9457 problem details.

use axum::Json;
use axum::body::to_bytes;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// An error response for the caller.
#[derive(Clone, Debug)]
pub struct Problem {
    status: StatusCode,
    detail: String,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Problem {
    /// A problem with this status. The detail is for the caller: it says how to fix the request.
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, detail: detail.into(), headers: Vec::new() }
    }

    /// Adds a header such as `Retry-After` or `Allow`.
    #[must_use]
    pub fn with(mut self, name: HeaderName, value: impl Into<HeaderValue>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The status of the response.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The requested resource does not exist: 404.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, detail)
    }

    /// An internal error: 500. The reason is logged and not sent to the caller.
    pub fn internal(reason: &dyn std::fmt::Display) -> Self {
        tracing::error!(%reason, "a request could not be answered");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal error; the log of the service has the reason")
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let title = self.status.canonical_reason().unwrap_or("Error");
        let body = json!({
            "type": "about:blank",
            "title": title,
            "status": self.status.as_u16(),
            "detail": self.detail,
        });
        let mut response = (self.status, Json(body)).into_response();
        let problem = HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(header::CONTENT_TYPE, problem);
        response.headers_mut().extend(self.headers);
        response
    }
}

/// Marks a response of another service, which is passed on unchanged.
#[derive(Clone, Copy, Debug)]
pub struct PassedOn;

/// The maximum length of an axum message that is used as the detail, in bytes.
const LONGEST: usize = 4096;

/// Replaces the body of an error of axum or of a layer by a problem document. Status and headers are kept.
///
/// Such errors have no body or plain text: an unknown route, a wrong method, path parameter, query or body, a
/// timeout, a panic. All other responses, and those marked as [`PassedOn`], stay unchanged.
pub async fn document<B>(answer: Response<B>) -> Response
where
    Response<B>: IntoResponse,
{
    let answer = answer.into_response();
    let status = answer.status();
    let is_error = status.is_client_error() || status.is_server_error();
    let media_type = answer.headers().get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    let is_plain = media_type.is_none_or(|media_type| media_type.starts_with(b"text/plain"));
    if !is_error || !is_plain || answer.extensions().get::<PassedOn>().is_some() {
        return answer;
    }
    let (mut head, body) = answer.into_parts();
    let explained = to_bytes(body, LONGEST).await.ok().and_then(|body| String::from_utf8(body.into()).ok());
    let detail = match (status, explained) {
        (StatusCode::SERVICE_UNAVAILABLE, _) => "the answer took too long".to_owned(),
        (status, _) if status.is_server_error() => {
            "internal error; the log of the service has the reason".to_owned()
        }
        (_, Some(text)) if !text.is_empty() => text,
        (StatusCode::NOT_FOUND, _) => "there is nothing at this path".to_owned(),
        (StatusCode::METHOD_NOT_ALLOWED, _) => {
            "the path does not have this method: the header `Allow` lists those that it has".to_owned()
        }
        _ => "the request is refused".to_owned(),
    };
    for replaced in [header::CONTENT_TYPE, header::CONTENT_LENGTH] {
        head.headers.remove(replaced);
    }
    let mut document = Problem::new(status, detail).into_response();
    document.headers_mut().extend(head.headers);
    *document.extensions_mut() = head.extensions;
    document
}
