//! Lists of orders, in pages.

use axum::Json;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use flowgen::report::Status;
use serde::Deserialize;

use super::query::Parameters;
use crate::orders::{Orders, OrdersError, Page, Reader};

/// The maximum number of orders in a page.
const MOST: u32 = 1_000;

/// The query parameters of a list.
#[derive(Debug, Deserialize)]
pub(super) struct Which {
    status: Option<Status>,
    #[serde(default = "some")]
    limit: u32,
    /// The cursor of the previous page.
    after: Option<String>,
}

fn some() -> u32 {
    100
}

impl Parameters for Which {
    fn accepted() -> Vec<(&'static str, String)> {
        let statuses: Vec<_> = Status::ALL.iter().filter_map(|status| name(*status)).collect();
        vec![
            ("status", format!("one of {}", statuses.join(", "))),
            ("limit", format!("a whole number from 1 to {MOST}")),
            ("after", "the cursor of a `Link` with `rel=\"next\"`".to_owned()),
        ]
    }
}

/// A page of orders, newest first. The header `Link` contains the URL of the next page.
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

/// Cursors and statuses need no escapes in a URL.
fn link(cursor: &str, limit: u32, status: Option<Status>) -> Option<HeaderValue> {
    let status = status.and_then(name).map_or(String::new(), |status| format!("&status={status}"));
    HeaderValue::try_from(format!("</orders?limit={limit}{status}&after={cursor}>; rel=\"next\"")).ok()
}

/// The name of a status in a query.
fn name(status: Status) -> Option<String> {
    serde_json::to_value(status).ok()?.as_str().map(str::to_owned)
}
