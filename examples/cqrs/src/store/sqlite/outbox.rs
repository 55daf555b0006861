//! Messages that are stored together with the events and sent afterwards.

use super::super::{Message, Result};
use super::Sqlite;

impl Sqlite {
    pub(crate) async fn unsent(&self, limit: i64) -> Result<Vec<Message>> {
        let read = self.readers.read(move |connection| {
            let sql = "SELECT id, topic, body FROM outbox WHERE sent_ms IS NULL ORDER BY id LIMIT ?1";
            let mut found = connection.prepare_cached(sql)?;
            let messages = found.query_map([limit], |row| {
                Ok(Message { id: row.get(0)?, topic: row.get(1)?, body: row.get(2)? })
            })?;
            Ok(messages.collect::<rusqlite::Result<_>>()?)
        });
        read.await
    }

    pub(crate) async fn sent(&self, message: i64, at_ms: i64) -> Result<()> {
        let write = self.writer.write(move |connection| {
            let sql = "UPDATE outbox SET sent_ms = ?2 WHERE id = ?1";
            connection.prepare_cached(sql)?.execute((message, at_ms))?;
            Ok(())
        });
        write.await
    }
}
