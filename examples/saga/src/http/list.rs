//! Lists of orders, a page at a time.

use axum::Json;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use flowgen::report::Status;
use serde::Deserialize;

use crate::orders::{Orders, OrdersError, Page, Reader};

/// The longest list that is answered at once.
const MOST: u32 = 1_000;

/// Which orders, and how many.
#[derive(Debug, Deserialize)]
pub(super) struct Which {
    status: Option<Status>,
    #[serde(default = "some")]
    limit: u32,
    /// The cursor of the page before.
    after: Option<String>,
}

fn some() -> u32 {
    100
}

/// A page of orders, the newest first. `Link` says where the list goes on.
pub(super) async fn page(orders: &Orders, reader: &Reader, which: Which) -> Result<Response, OrdersError> {
    let limit = which.limit.clamp(1, MOST);
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    let Page { orders, next } = orders.list(reader, which.status, which.after, most).await?;
    let mut answer = Json(orders).into_response();
    if let Some(link) = next.and_then(|cursor| link(&cursor, limit, which.status)) {
        answer.headers_mut().insert(header::LINK, link);
    }
    Ok(answer)
}

/// Cursors and statuses are such that a URL holds them as they are.
fn link(cursor: &str, limit: u32, status: Option<Status>) -> Option<HeaderValue> {
    let status = status.and_then(|status| serde_json::to_value(status).ok());
    let status = status.as_ref().and_then(|status| status.as_str());
    let status = status.map_or(String::new(), |status| format!("&status={status}"));
    HeaderValue::try_from(format!("</orders?limit={limit}{status}&after={cursor}>; rel=\"next\"")).ok()
}
