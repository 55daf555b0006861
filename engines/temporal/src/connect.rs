//! Connecting to a server.

use std::error::Error;
use std::str::FromStr;

use temporalio_client::{Client, ClientOptions, Connection, ConnectionOptions, Url};

/// The error of a failed connection.
#[derive(Debug, thiserror::Error)]
#[error("no connection to the Temporal server at `{url}`")]
pub struct ConnectError {
    /// The URL of the server.
    pub url: String,
    /// The cause.
    pub source: Box<dyn Error + Send + Sync>,
}

/// Connects to a server without TLS, such as the development server: `http://127.0.0.1:7233`.
///
/// For other connections, build a [`Client`] with [`temporalio_client`].
///
/// # Errors
///
/// [`ConnectError`] if the URL is invalid or the server does not answer.
pub async fn connect(url: &str, namespace: &str) -> Result<Client, ConnectError> {
    open(url, namespace).await.map_err(|source| ConnectError { url: url.to_owned(), source })
}

async fn open(url: &str, namespace: &str) -> Result<Client, Box<dyn Error + Send + Sync>> {
    let connection = Connection::connect(ConnectionOptions::new(Url::from_str(url)?).build()).await?;
    Ok(Client::new(connection, ClientOptions::new(namespace).build())?)
}
