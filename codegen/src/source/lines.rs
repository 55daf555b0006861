/// A line and a column, both counted from one; columns count characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The line, from one.
    pub line: usize,
    /// The column, in characters, from one.
    pub column: usize,
}

/// Finds lines in a text. Building it costs one pass, a look-up a binary search, however long the
/// lines are.
#[derive(Clone, Debug)]
pub struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
    /// How many characters begin before byte 0, [`MARK`], 2 · [`MARK`], …
    characters: Vec<usize>,
}

/// The distance in bytes between places whose character is known.
const MARK: usize = 256;

impl<'a> Lines<'a> {
    /// Indexes the lines of `text`.
    #[must_use]
    pub fn new(text: &'a str) -> Self {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        let mut count = 0;
        let characters = std::iter::once(0)
            .chain(text.as_bytes().chunks(MARK).map(|chunk| {
                count += first_bytes(chunk);
                count
            }))
            .collect();
        Self { text, starts, characters }
    }

    /// The line and column of a byte; a byte past the end is taken as the end.
    #[must_use]
    pub fn position(&self, byte: usize) -> Position {
        let byte = byte.min(self.text.len());
        let line = self.starts.partition_point(|&start| start <= byte) - 1;
        let column = self.characters_before(byte) - self.characters_before(self.starts[line]) + 1;
        Position { line: line + 1, column }
    }

    /// The number of bytes between the beginning of the line and a byte.
    pub(crate) fn byte_in_line(&self, byte: usize) -> usize {
        let byte = byte.min(self.text.len());
        byte - self.starts[self.starts.partition_point(|&start| start <= byte) - 1]
    }

    /// How many characters begin before this byte.
    fn characters_before(&self, byte: usize) -> usize {
        let mark = byte / MARK;
        self.characters[mark] + first_bytes(&self.text.as_bytes()[mark * MARK..byte])
    }

    /// The text of a line, counted from one, without its line ending; empty past the end.
    #[must_use]
    pub fn line(&self, line: usize) -> &'a str {
        let Some(&start) = line.checked_sub(1).and_then(|at| self.starts.get(at)) else { return "" };
        let end = self.starts.get(line).copied().unwrap_or(self.text.len());
        self.text[start..end].trim_end_matches(['\n', '\r'])
    }
}

/// How many characters begin in these bytes of UTF-8.
fn first_bytes(bytes: &[u8]) -> usize {
    bytes.iter().filter(|&&byte| byte & 0xC0 != 0x80).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters_and_lines_from_one() {
        let lines = Lines::new("é n1\r\nn2\n");
        assert_eq!(lines.position(3), Position { line: 1, column: 3 });
        assert_eq!(lines.position(7), Position { line: 2, column: 1 });
        assert_eq!(lines.position(99), Position { line: 3, column: 1 });
        assert_eq!((lines.line(1), lines.line(2), lines.line(9)), ("é n1", "n2", ""));
    }

    #[test]
    fn positions_in_long_lines_count_characters() {
        let text = "é".repeat(MARK * 3) + "\n" + &"日".repeat(MARK * 3);
        let lines = Lines::new(&text);
        for (at, (byte, c)) in text.char_indices().enumerate() {
            let (line, column) = if at <= MARK * 3 { (1, at + 1) } else { (2, at - MARK * 3) };
            assert_eq!(lines.position(byte), Position { line, column }, "{c}");
        }
    }
}
