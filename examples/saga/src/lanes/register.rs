//! The effects of the services, by idempotency key.

use std::fmt;
use std::marker::PhantomData;
use std::time::SystemTime;

use flowgen::{Fault, Result, Visit};
use rusqlite::{Connection, OptionalExtension as _};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Books;
use super::books::millis;

/// The entries of one service, each under the key of the visit that made it.
///
/// A key has one row: an entry, or the mark of its undo. One lookup therefore decides whether an effect is still
/// allowed, however late its attempt arrives.
#[derive(Clone, Debug)]
pub struct Register<T> {
    books: Books,
    name: &'static str,
    entries: PhantomData<fn() -> T>,
}

/// Amounts whose sum does not exceed a limit, each under the key of the visit that took it.
#[derive(Clone, Debug)]
pub struct Amounts {
    register: Register<u64>,
    most: u64,
}

/// Error if a key was undone: its mark refuses all further effects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undone {
    key: String,
}

/// The content of a row.
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
    /// Makes an entry, unless this visit has already made one.
    ///
    /// # Errors
    ///
    /// [`Undone`], as a fault without effect, if the visit was undone, or the database can't be written.
    pub async fn enter(&self, visit: &Visit, entry: T) -> Result {
        self.enter_as(visit.key().to_string(), visit, entry).await
    }

    /// Makes an entry under a name within its run, so that another step can refuse it. See [`Register::refuse`].
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

    /// Leaves a mark under a name within this run, unless there is an entry. A later entry under this name is
    /// refused.
    ///
    /// # Errors
    ///
    /// The database can't be written.
    pub async fn refuse(&self, name: &str, visit: &Visit) -> Result {
        self.books.leave_mark(self.name, visit.run(), format!("{}/{name}", visit.run())).await
    }

    /// Removes the entry of the step that this visit undoes, and leaves a mark, even if there was no entry: an
    /// attempt that arrives later finds the mark. Idempotent.
    ///
    /// # Errors
    ///
    /// The database can't be written.
    pub async fn undo(&self, visit: &Visit) -> Result {
        self.undo_and(visit, |_, _| Ok(())).await
    }

    /// As [`Register::undo`], but also passes the removed entry, if there was one, to a function in the same
    /// transaction.
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

    /// Returns all entries. Reads the whole register, so it is meant for tests and operators, not for steps.
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

impl Books {
    /// Leaves a mark under the key of a visit that an operator undoes manually. A later attempt has no effect: it
    /// finds the mark, or the entry that it would make.
    ///
    /// # Errors
    ///
    /// The database can't be written.
    pub async fn refuse(&self, register: &'static str, visit: &Visit) -> Result {
        self.leave_mark(register, visit.run(), visit.key().to_string()).await
    }

    /// Leaves a mark under a key, unless there is an entry.
    async fn leave_mark(&self, register: &'static str, run: &str, key: String) -> Result {
        let run = run.to_owned();
        let write = move |books: &Connection| match look_up(books, register, &run, &key)? {
            Some(_) => Ok(()),
            None => put(books, register, &run, &key, None),
        };
        self.write(write).await
    }
}

impl Amounts {
    /// The amounts with this name. Their sum is at most `most`.
    #[must_use]
    pub fn new(books: &Books, name: &'static str, most: u64) -> Self {
        Self { register: books.register(name), most }
    }

    /// Takes an amount if enough is left. Returns whether this visit holds it, which is also true if it had taken
    /// it before.
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

    /// Returns the amount of the step that this visit undoes, and leaves a mark. See [`Register::undo`].
    ///
    /// # Errors
    ///
    /// The database can't be written.
    pub async fn give_back(&self, visit: &Visit) -> Result {
        let name = self.register.name;
        self.register.undo_and(visit, move |books, amount| add(books, name, -amount.parse::<i64>()?)).await
    }

    /// The amount that is left. An amount stays taken after its entry was deleted for its age.
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

/// Writes an entry, or a mark if `entry` is `None`.
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
