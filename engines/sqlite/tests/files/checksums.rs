//! Checksums of rows, written once more from what the format says of them; and what a changed bit comes to.

use crc32fast::Hasher;
use rusqlite::{Connection, Row, params};

/// Writes the checksums of all rows.
pub(crate) fn write_all(connection: &Connection) {
    write(connection, "runs", "head_crc", "seq", &["seq", "id", "sender", "cancelled", "started"]);
    let body = ["seq", "drawing", "status", "changed", "first", "state", "walked"];
    write(connection, "runs", "crc", "seq", &body);
    write(connection, "path", "crc", "run", &["run", "first", "walked"]);
    write(connection, "drawings", "crc", "drawing", &["drawing", "text"]);
}

/// Integers are eight bytes, little-endian; a text follows its length; a text that is not there is -1.
fn write(connection: &Connection, table: &str, column: &str, key: &str, of: &[&str]) {
    // A part of a path has two numbers.
    let second = if table == "path" { "first" } else { key };
    let select = format!("SELECT {key}, {second}, {} FROM {table}", of.join(", "));
    let update = format!("UPDATE {table} SET {column} = ? WHERE {key} = ? AND {second} = ?");
    let read = |row: &Row<'_>| {
        let mut sum = Hasher::new();
        for at in 2..2 + of.len() {
            match row.get_ref_unwrap(at) {
                rusqlite::types::ValueRef::Integer(number) => sum.update(&number.to_le_bytes()),
                rusqlite::types::ValueRef::Text(text) => {
                    sum.update(&(text.len() as u64).to_le_bytes());
                    sum.update(text);
                }
                rusqlite::types::ValueRef::Null => sum.update(&(-1_i64).to_le_bytes()),
                other => panic!("{other:?}"),
            }
        }
        Ok((row.get_unwrap::<_, i64>(0), row.get_unwrap::<_, i64>(1), sum.finalize()))
    };
    let mut select = connection.prepare(&select).unwrap();
    let rows: Vec<_> = select.query_map((), read).unwrap().map(Result::unwrap).collect();
    for (first, second, sum) in rows {
        connection.execute(&update, params![sum.to_le_bytes(), first, second]).unwrap();
    }
}
