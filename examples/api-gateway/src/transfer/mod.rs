//! Forwarding of requests and responses: bodies with limits, and the connections of clients and backends.

pub(crate) mod body;
pub(crate) mod stream;
