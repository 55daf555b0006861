//! Forwarding of requests and responses: bodies with limits, and the connections of clients and backends.

pub(crate) mod body;
pub(crate) mod network;
pub(crate) mod server;
pub(crate) mod stream;
