//! The drawings in the file, which are stored twice: in their rows and in the index of their texts.

use rusqlite::Connection;

use super::checksum;
use crate::error::Error;

/// The text of a drawing.
#[derive(Debug)]
pub(crate) struct DrawingText {
    pub(crate) text: String,
    /// The row, the checksum or the copy in the index is damaged.
    pub(crate) is_damaged: bool,
}

/// Reads a drawing: the text that matches its checksum, or the one on which row and index agree. If the row can't
/// be read at all, only the index has the text.
pub(crate) fn drawing(from: &Connection, number: i64) -> Result<DrawingText, Error> {
    let row = from.query_row("SELECT text, crc FROM drawings WHERE drawing = ?", [number], |row| {
        Ok((row.get::<_, String>(0)?, row.get_ref(1)?.as_bytes()?.to_owned()))
    });
    let by_text = "SELECT text FROM drawings INDEXED BY sqlite_autoindex_drawings_1
        WHERE text > '' AND +drawing = ?";
    let index = from.query_row(by_text, [number], |row| row.get::<_, String>(0)).ok();
    let (row, crc) = match (row, index) {
        (Ok((row, crc)), Some(index)) if row != index => {
            let is_sound = |text: &String| crc == checksum::of_drawing(number, text.as_bytes());
            let text = [row, index].into_iter().find(is_sound);
            let text =
                text.ok_or_else(|| Error::DamagedRow { table: "drawings", row: number.to_string() })?;
            return Ok(DrawingText { text, is_damaged: true });
        }
        (Ok(row), Some(_)) => row,
        // Only the checksum confirms the text.
        (Ok((text, crc)), None) if crc == checksum::of_drawing(number, text.as_bytes()) => {
            return Ok(DrawingText { text, is_damaged: true });
        }
        (Ok(_), None) => return Err(Error::DamagedRow { table: "drawings", row: number.to_string() }),
        (Err(_), Some(text)) => return Ok(DrawingText { text, is_damaged: true }),
        (Err(error), None) => {
            return Err(Error::sqlite(format_args!("read the drawing number {number}"))(error));
        }
    };
    let is_damaged = crc != checksum::of_drawing(number, row.as_bytes());
    Ok(DrawingText { text: row, is_damaged })
}

/// Returns the numbers of all drawings.
pub(crate) fn drawings(from: &Connection) -> Result<Vec<i64>, Error> {
    let numbers = || {
        let mut sql = from.prepare("SELECT drawing FROM drawings ORDER BY drawing")?;
        sql.query_map((), |row| row.get(0))?.collect::<rusqlite::Result<_>>()
    };
    numbers().map_err(Error::sqlite("read the drawings"))
}
