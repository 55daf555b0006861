//! Looking a whole file through for damage.

use rusqlite::Connection;

use super::rows;
use crate::error::Error;

/// Looks the whole file through: what SQLite says of its pages and indexes, and the checksum of each row. An error
/// for each damage.
pub(crate) fn whole(from: &Connection) -> Result<Vec<Error>, Error> {
    let mut found = structure(from, "integrity_check")?;
    found.extend(rows::damaged_rows(from));
    Ok(found)
}

/// What SQLite says of the pages of a file: `quick_check` leaves out whether indexes agree with their tables.
pub(crate) fn structure(from: &Connection, pragma: &str) -> Result<Vec<Error>, Error> {
    let lines = || {
        let mut sql = from.prepare(&format!("PRAGMA {pragma}"))?;
        sql.query_map((), |row| row.get(0))?.collect::<rusqlite::Result<Vec<String>>>()
    };
    let lines = lines().map_err(Error::sqlite("check the file"))?;
    let damaged = lines.into_iter().filter(|line| line != "ok");
    Ok(damaged.map(|found| Error::DamagedFile { found }).collect())
}
