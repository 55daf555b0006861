//! The lane `Outbox`: sends messages about events, at least once and in order.

use std::sync::Arc;
use std::time::Duration;

use flowgen::{Result, Visit};
use reqwest::header::CONTENT_TYPE;
use tokio::sync::Mutex;

use crate::clock::Clock;
use crate::drawing::outbox::{self as drawn, MoreToSend};
use crate::store::{Message, Store};
use crate::work::Work;

/// The number of messages read at once.
const BATCH: i64 = 100;

/// Sends the messages in the outbox.
#[derive(Debug)]
pub struct Outbox {
    store: Store,
    clock: Clock,
    receiver: Receiver,
    turn: Arc<Mutex<()>>,
}

/// The receiver of messages.
#[derive(Clone, Debug)]
pub enum Receiver {
    /// The log, if no receiver is configured.
    Log,
    /// An HTTP endpoint that accepts POST. The header `Idempotency-Key` of a message is the same for each attempt.
    Http {
        /// The client that sends messages.
        client: reqwest::Client,
        /// The URL of the receiver.
        url: String,
    },
}

impl Outbox {
    /// Creates an outbox in this database.
    #[must_use]
    pub fn new(store: &Store, clock: &Clock, receiver: Receiver) -> Self {
        Self { store: store.clone(), clock: clock.clone(), receiver, turn: Arc::default() }
    }
}

impl Receiver {
    /// The receiver at this URL, or the log if there is none.
    ///
    /// # Errors
    ///
    /// The client can't be created.
    pub fn at(url: Option<&str>) -> reqwest::Result<Self> {
        let Some(url) = url else { return Ok(Self::Log) };
        let client = reqwest::Client::builder().timeout(Duration::from_secs(5)).build()?;
        Ok(Self::Http { client, url: url.to_owned() })
    }

    async fn tell(&self, message: &Message) -> Result {
        let Message { id, topic, body } = message;
        match self {
            Self::Log => tracing::info!(id, topic, body, "a message"),
            Self::Http { client, url } => {
                let post = client.post(url).header("Idempotency-Key", id.to_string()).header("Topic", topic);
                let post = post.header(CONTENT_TYPE, "application/json").body(body.clone());
                post.send().await?.error_for_status()?;
            }
        }
        Ok(())
    }
}

impl drawn::Outbox<Work> for Outbox {
    async fn send_messages(&self, work: &mut Work, _: &Visit) -> Result {
        let following = work.following_mut()?;
        following.has_more = false;
        if !following.has_messages {
            return Ok(());
        }
        if following.turn.is_none() {
            following.turn = Some(Arc::new(Arc::clone(&self.turn).lock_owned().await));
        }
        let messages = self.store.unsent(BATCH).await?;
        for message in &messages {
            self.receiver.tell(message).await?;
            self.store.sent(message.id, self.clock.now()).await?;
        }
        following.has_more = !messages.is_empty();
        Ok(())
    }

    async fn more_to_send(&self, work: &Work, _: &Visit) -> Result<MoreToSend> {
        Ok(if work.following()?.has_more { MoreToSend::Yes } else { MoreToSend::No })
    }
}
