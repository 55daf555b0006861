//! The service's routes: for customers, and for operators on an address of their own.

mod operators;
mod orders;

use axum::Router;
use axum::response::{IntoResponse, Response};

use crate::orders::{Orders, OrdersError};
use crate::service::in_full;
use crate::service::problem::Problem;

/// What customers call: placing orders, and asking what became of them.
pub fn customers(orders: Orders) -> Router {
    orders::routes().with_state(orders)
}

/// What operators call about orders that are stuck.
pub fn operators(orders: Orders) -> Router {
    operators::routes().with_state(orders)
}

impl IntoResponse for OrdersError {
    fn into_response(self) -> Response {
        match self {
            Self::Unknown(id) => Problem::not_found(format!("there is no order `{id}`")),
            Self::Conflict(why) => Problem::new(axum::http::StatusCode::CONFLICT, why),
            Self::Failed(why) => Problem::internal(&in_full(&why)),
        }
        .into_response()
    }
}
