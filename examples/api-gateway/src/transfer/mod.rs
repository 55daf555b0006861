//! Requests and answers on their way through a proxy: bodies within limits, and connections of clients and backends.

pub(crate) mod body;
pub(crate) mod stream;
