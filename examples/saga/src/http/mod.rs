//! The routes of the service: for customers, and for operators on a separate address.

mod list;
mod operators;
mod orders;
mod query;

use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::orders::{Orders, OrdersError};
use crate::service::in_full;
use crate::service::problem::Problem;

/// The value of `Retry-After`. It is short, since orders end all the time.
const RETRY_AFTER_SECONDS: u16 = 1;

/// The routes for customers: placing orders and reading their state.
pub fn customers(orders: Orders) -> Router {
    orders::routes().with_state(orders)
}

/// The routes for operators, to handle stuck orders.
pub fn operators(orders: Orders) -> Router {
    operators::routes().with_state(orders)
}

impl IntoResponse for OrdersError {
    fn into_response(self) -> Response {
        match self {
            Self::Unknown(id) => Problem::not_found(format!("there is no order `{id}`")),
            Self::Conflict(why) => Problem::new(StatusCode::CONFLICT, why),
            Self::NotNow(why) => {
                tracing::warn!(why = in_full(&why), "a request is refused for now");
                let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, in_full(&why));
                problem.with(header::RETRY_AFTER, RETRY_AFTER_SECONDS)
            }
            Self::OtherOrder(id) => {
                let why = format!(
                    "the `Idempotency-Key` of the order `{id}` was sent before with another body: \
                     send a new key for a new order"
                );
                Problem::new(StatusCode::UNPROCESSABLE_ENTITY, why)
            }
            Self::Cursor(_) => {
                let why = "`after` has to be the cursor of a `Link` with `rel=\"next\"`";
                Problem::new(StatusCode::BAD_REQUEST, why)
            }
            why @ Self::Books(_) => Problem::internal(&in_full(&why)),
            Self::Failed(why) => Problem::internal(&in_full(&why)),
        }
        .into_response()
    }
}
