//! x
#![allow(missing_docs)]
mod activity;
mod context;
mod drive;
mod error;
mod payload;
mod runs;
mod steps;
mod wire;
mod worker;
mod workflow;

pub use error::{Error, WorkerError};
pub use runs::{Runs, Started};
pub use temporalio_client;
pub use worker::Worker;

use std::str::FromStr;
use temporalio_client::{Client, ClientOptions, Connection, ConnectionOptions, Url};

/// Connects.
pub async fn connect(url: &str, namespace: &str) -> Result<Client, Box<dyn std::error::Error + Send + Sync>> {
    let options = ConnectionOptions::new(Url::from_str(url)?).build();
    let connection = Connection::connect(options).await?;
    Ok(Client::new(connection, ClientOptions::new(namespace).build())?)
}
