//! Messages that are stored together with the events and sent afterwards.

use super::super::{Message, Result};
use super::Postgres;

impl Postgres {
    pub(crate) async fn unsent(&self, limit: i64) -> Result<Vec<Message>> {
        let sql = "SELECT id, topic, body FROM outbox WHERE sent_ms IS NULL ORDER BY id LIMIT $1";
        let rows: Vec<(i64, String, String)> = sqlx::query_as(sql).bind(limit).fetch_all(&self.pool).await?;
        Ok(rows.into_iter().map(|(id, topic, body)| Message { id, topic, body }).collect())
    }

    pub(crate) async fn sent(&self, message: i64, at_ms: i64) -> Result<()> {
        let update = sqlx::query("UPDATE outbox SET sent_ms = $2 WHERE id = $1").bind(message).bind(at_ms);
        update.execute(&self.pool).await?;
        Ok(())
    }
}
