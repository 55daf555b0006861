//! What the services have done, by idempotency key.

use std::fmt;
use std::marker::PhantomData;
use std::time::SystemTime;

use flowgen::{Fault, Result, Visit};
use rusqlite::{Connection, OptionalExtension as _};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Books;
use super::books::millis;

/// What one service has done, each entry under the key of the visit that made it.
///
/// A key has one row: an entry, or the mark that its undo has left. So one look-up decides whether an
/// effect may still happen, however late its attempt arrives.
#[derive(Clone, Debug)]
pub struct Register<T> {
    books: Books,
    name: &'static str,
    entries: PhantomData<fn() -> T>,
}

/// Amounts that together are no more than a limit, each under the key of the visit that took it.
#[derive(Clone, Debug)]
pub struct Amounts {
    register: Register<u64>,
    most: u64,
}

/// A key under which nothing is done any more: its undo has left a mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undone {
    key: String,
}

/// What a row holds.
enum Row {
    Entry(String),
    Mark,
}

impl<T> Register<T> {
    pub(super) fn new(books: Books, name: &'static str) -> Self {
        Self { books, name, entries: PhantomData }
    }
}

impl<T: Serialize + DeserializeOwned + Send + 'static> Register<T> {
    /// Makes an entry, unless this visit has made one already.
    ///
    /// # Errors
    ///
    /// [`Undone`], as a fault that had no effect, if the visit has been undone. The database can't be written.
    pub async fn enter(&self, visit: &Visit, entry: T) -> Result {
        self.enter_as(visit.key().to_string(), visit, entry).await
    }

    /// Makes an entry under a name of its run, so that another step can refuse it. See [`Register::refuse`].
    ///
    /// # Errors
    ///
    /// As for [`Register::enter`].
    pub async fn enter_named(&self, name: &str, visit: &Visit, entry: T) -> Result {
        self.enter_as(format!("{}/{name}", visit.run()), visit, entry).await
    }

    async fn enter_as(&self, key: String, visit: &Visit, entry: T) -> Result {
        let (name, run) = (self.name, visit.run().to_owned());
        let write = move |books: &Connection| match look_up(books, name, &run, &key)? {
            Some(Row::Entry(_)) => Ok(()),
            Some(Row::Mark) => Err(Fault::not_done(Undone { key })),
            None => put(books, name, &run, &key, Some(serde_json::to_string(&entry)?)),
        };
        self.books.write(write).await
    }

    /// Leaves a mark under a name of this run, unless there is an entry: what is entered under it later is
    /// refused.
    ///
    /// # Errors
    ///
    /// The database can't be written.
    pub async fn refuse(&self, name: &str, visit: &Visit) -> Result {
        let (register, run) = (self.name, visit.run().to_owned());
        let key = format!("{run}/{name}");
        let write = move |books: &Connection| match look_up(books, register, &run, &key)? {
            Some(_) => Ok(()),
            None => put(books, register, &run, &key, None),
        };
        self.books.write(write).await
    }

    /// Takes out what the step entered that this visit undoes, and leaves a mark in its place, also where
    /// there was nothing: an attempt that arrives later finds the mark. Repeated, it does nothing more.
    ///
    /// # Errors
    ///
    /// The database can't be written.
    pub async fn undo(&self, visit: &Visit) -> Result {
        self.undo_and(visit, |_, _| Ok(())).await
    }

    /// The same; the entry that was taken out, if there was one, is passed on in the same transaction.
    async fn undo_and(
        &self,
        visit: &Visit,
        then: impl FnOnce(&Connection, &str) -> Result + Send + 'static,
    ) -> Result {
        let Some(key) = visit.undoes().map(|key| key.to_string()) else { return Ok(()) };
        let (name, run) = (self.name, visit.run().to_owned());
        let write = move |books: &Connection| match look_up(books, name, &run, &key)? {
            Some(Row::Mark) => Ok(()),
            Some(Row::Entry(entry)) => {
                put(books, name, &run, &key, None)?;
                then(books, &entry)
            }
            None => put(books, name, &run, &key, None),
        };
        self.books.write(write).await
    }

    /// All entries. It reads the whole register: for tests and for people, not for steps.
    ///
    /// # Errors
    ///
    /// The database can't be read.
    pub async fn all(&self) -> Result<Vec<T>> {
        let name = self.name;
        let read = move |books: &Connection| {
            let sql = "SELECT entry FROM entries WHERE register = ?1 AND entry IS NOT NULL ORDER BY key";
            let mut entries = books.prepare_cached(sql)?;
            let mut rows = entries.query([name])?;
            let mut all = Vec::new();
            while let Some(row) = rows.next()? {
                all.push(serde_json::from_str(row.get_ref(0)?.as_str()?)?);
            }
            Ok(all)
        };
        self.books.write(read).await
    }
}

impl Amounts {
    /// The amounts of this name, of which there are `most` together.
    #[must_use]
    pub fn new(books: &Books, name: &'static str, most: u64) -> Self {
        Self { register: books.register(name), most }
    }

    /// Takes an amount if it is left. Returns whether this visit has it now, which is also so when it took it
    /// before.
    ///
    /// # Errors
    ///
    /// As for [`Register::enter`].
    pub async fn take(&self, visit: &Visit, amount: u64) -> Result<bool> {
        let (name, most) = (self.register.name, self.most);
        let (run, key) = (visit.run().to_owned(), visit.key().to_string());
        let write = move |books: &Connection| match look_up(books, name, &run, &key)? {
            Some(Row::Entry(_)) => Ok(true),
            Some(Row::Mark) => Err(Fault::not_done(Undone { key })),
            None if amount > most.saturating_sub(total(books, name)?) => Ok(false),
            None => {
                put(books, name, &run, &key, Some(amount.to_string()))?;
                add(books, name, i64::try_from(amount)?)?;
                Ok(true)
            }
        };
        self.register.books.write(write).await
    }

    /// Gives back what the step took that this visit undoes, and leaves a mark. See [`Register::undo`].
    ///
    /// # Errors
    ///
    /// The database can't be written.
    pub async fn give_back(&self, visit: &Visit) -> Result {
        let name = self.register.name;
        self.register.undo_and(visit, move |books, amount| add(books, name, -amount.parse::<i64>()?)).await
    }

    /// What is left. What was taken stays taken when its entry is deleted after its time.
    ///
    /// # Errors
    ///
    /// The database can't be read.
    pub async fn left(&self) -> Result<u64> {
        let (name, most) = (self.register.name, self.most);
        self.register.books.write(move |books| Ok(most.saturating_sub(total(books, name)?))).await
    }
}

fn look_up(books: &Connection, register: &str, run: &str, key: &str) -> Result<Option<Row>> {
    let sql = "SELECT entry FROM entries WHERE run = ?1 AND register = ?2 AND key = ?3";
    let row = books.prepare_cached(sql)?.query_row((run, register, key), |row| row.get(0)).optional()?;
    Ok(row.map(|entry: Option<String>| entry.map_or(Row::Mark, Row::Entry)))
}

/// Writes an entry, or a mark.
fn put(books: &Connection, register: &str, run: &str, key: &str, entry: Option<String>) -> Result {
    let sql = "INSERT INTO entries (run, register, key, at, entry) VALUES (?1, ?2, ?3, ?4, ?5)
               ON CONFLICT DO UPDATE SET at = excluded.at, entry = excluded.entry";
    books.prepare_cached(sql)?.execute((run, register, key, millis(SystemTime::now()), entry))?;
    Ok(())
}

fn total(books: &Connection, register: &str) -> Result<u64> {
    let sql = "SELECT total FROM totals WHERE register = ?1";
    let total = books.prepare_cached(sql)?.query_row([register], |row| row.get::<_, i64>(0)).optional()?;
    Ok(u64::try_from(total.unwrap_or(0))?)
}

fn add(books: &Connection, register: &str, amount: i64) -> Result {
    let sql = "INSERT INTO totals VALUES (?1, ?2) ON CONFLICT DO UPDATE SET total = total + excluded.total";
    books.prepare_cached(sql)?.execute((register, amount))?;
    Ok(())
}

impl fmt::Display for Undone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` has been undone, so this attempt came too late and did nothing", self.key)
    }
}

impl std::error::Error for Undone {}
