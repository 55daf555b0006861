//! What the services have done, by idempotency key, in a database of their own.

use std::marker::PhantomData;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use flowgen::{Result, Visit};
use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The database behind the registers of all services.
#[derive(Clone, Debug)]
pub struct Books(Arc<Mutex<Connection>>);

/// What one service has done, each entry under the key of the visit that made it.
#[derive(Clone, Debug)]
pub struct Register<T> {
    books: Books,
    name: &'static str,
    entries: PhantomData<fn() -> T>,
}

impl Books {
    /// Opens the database, or makes it.
    ///
    /// # Errors
    ///
    /// A file that can't be opened, or that is no database of this kind.
    pub fn open(file: &Path) -> rusqlite::Result<Self> {
        let connection = Connection::open(file)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.execute_batch(
            "CREATE TABLE IF NOT EXISTS entries (
                 register TEXT NOT NULL, key TEXT NOT NULL, entry TEXT NOT NULL,
                 PRIMARY KEY (register, key)
             ) WITHOUT ROWID, STRICT;",
        )?;
        Ok(Self(Arc::new(Mutex::new(connection))))
    }

    /// The register of this name.
    #[must_use]
    pub fn register<T>(&self, name: &'static str) -> Register<T> {
        Register { books: self.clone(), name, entries: PhantomData }
    }

    /// Does something in one transaction, off the threads that serve requests.
    async fn write<R: Send + 'static>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<R> + Send + 'static,
    ) -> Result<R> {
        let Self(connection) = self.clone();
        let done = tokio::task::spawn_blocking(move || {
            // A panic elsewhere rolls its transaction back, so the connection is still good.
            let mut connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let done = work(&transaction)?;
            transaction.commit()?;
            Ok(done)
        });
        done.await?
    }
}

impl<T: Serialize + DeserializeOwned + Send + 'static> Register<T> {
    /// Makes an entry, unless this visit has made one already.
    ///
    /// # Errors
    ///
    /// The database can't be written.
    pub async fn enter(&self, visit: &Visit, entry: T) -> Result {
        self.enter_if(visit, entry, |_| true).await.map(|_| ())
    }

    /// Makes an entry if it `fits` beside those that stand. Says whether it is there now, which it
    /// also is when this visit has made it already.
    ///
    /// # Errors
    ///
    /// The database can't be read or written.
    pub async fn enter_if(
        &self,
        visit: &Visit,
        entry: T,
        fits: impl FnOnce(&[T]) -> bool + Send + 'static,
    ) -> Result<bool> {
        let (name, key) = (self.name, visit.key().to_string());
        self.books
            .write(move |books| {
                let known = "SELECT 1 FROM entries WHERE register = ?1 AND key = ?2";
                if books.query_row(known, (name, &key), |_| Ok(())).optional()?.is_some() {
                    return Ok(true);
                }
                if !fits(&all(books, name)?) {
                    return Ok(false);
                }
                let entry = serde_json::to_string(&entry)?;
                books.execute("INSERT INTO entries VALUES (?1, ?2, ?3)", (name, key, entry))?;
                Ok(true)
            })
            .await
    }

    /// Takes out what the step entered that this visit undoes. Done twice, it does nothing more.
    ///
    /// # Errors
    ///
    /// The database can't be written.
    pub async fn undo(&self, visit: &Visit) -> Result {
        let (name, key) = (self.name, visit.undoes().map(|key| key.to_string()));
        self.books
            .write(move |books| {
                books.execute("DELETE FROM entries WHERE register = ?1 AND key = ?2", (name, key))?;
                Ok(())
            })
            .await
    }

    /// Everything that stands.
    ///
    /// # Errors
    ///
    /// The database can't be read.
    pub async fn all(&self) -> Result<Vec<T>> {
        let name = self.name;
        self.books.write(move |books| all(books, name)).await
    }
}

fn all<T: DeserializeOwned>(books: &Transaction<'_>, name: &str) -> Result<Vec<T>> {
    let mut entries = books.prepare_cached("SELECT entry FROM entries WHERE register = ?1 ORDER BY key")?;
    let mut rows = entries.query([name])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        all.push(serde_json::from_str(row.get_ref(0)?.as_str()?)?);
    }
    Ok(all)
}
