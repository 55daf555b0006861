//! The width of texts, and their line breaks.
//!
//! The font belongs to the viewer of a picture and is unknown when the picture is written. Widths are therefore
//! estimated: ASCII has the widths of Helvetica, which Arial and Liberation Sans share; other characters have
//! their width in a terminal, with slightly more than a letter for each column. If the viewer's font is wider, the
//! text comes closer to the outline of its figure, which has space for that.

use unicode_width::UnicodeWidthChar as _;

/// The widths of the printable ASCII characters, from the space on, in thousandths of the font size.
#[rustfmt::skip]
const ASCII: [i64; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, // space to /
    556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, // 0 to ?
    1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778, // @ to O
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556, // P to _
    333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, // ` to o
    556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584, // p to ~
];

/// The width of a terminal column, in thousandths of the font size.
const COLUMN: i64 = 600;

/// Returns the width of a text in pixels, rounded up.
pub(crate) fn width(text: &str, size: i64) -> i64 {
    let thousandths: i64 = text.chars().map(advance).sum();
    (thousandths * size + 999) / 1000
}

fn advance(c: char) -> i64 {
    let ascii = (c as usize).checked_sub(0x20).and_then(|at| ASCII.get(at));
    ascii.copied().unwrap_or_else(|| COLUMN * i64::try_from(c.width().unwrap_or(0)).unwrap_or(0))
}

/// Breaks a text into at most `most` lines with a width of at most `room`, preferably at spaces. Text that does
/// not fit is replaced by `…`.
pub(crate) fn wrap(text: &str, size: i64, room: i64, most: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        let joined = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
        if width(&joined, size) <= room {
            line = joined;
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        line = break_word(word, size, room, &mut lines);
        if lines.len() > most {
            break;
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    if lines.len() > most {
        lines.truncate(most);
        if let Some(last) = lines.last_mut() {
            end_early(last, size, room);
        }
    }
    lines
}

/// Breaks a word where it is too wide for a line. Adds all pieces but the last one to `lines`, and returns the
/// last one.
fn break_word(word: &str, size: i64, room: i64, lines: &mut Vec<String>) -> String {
    let mut piece = String::new();
    let mut wide = 0;
    for c in word.chars() {
        // Characters without width belong to the character before them.
        if !piece.is_empty() && advance(c) > 0 && (wide + advance(c)) * size > room * 1000 {
            lines.push(std::mem::take(&mut piece));
            wide = 0;
        }
        piece.push(c);
        wide += advance(c);
    }
    piece
}

fn end_early(line: &mut String, size: i64, room: i64) {
    while !line.is_empty() && width(line, size) + width("…", size) > room {
        line.pop();
    }
    line.push('…');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_at_spaces() {
        assert_eq!(wrap("Reserve the  inventory", 13, 60, 4), ["Reserve", "the", "inventory"]);
        assert_eq!(wrap(" \t", 13, 60, 4), Vec::<String>::new());
    }

    #[test]
    fn text_that_does_not_fit_is_cut() {
        assert_eq!(wrap("one two three four", 10, 30, 2), ["one", "two…"]);
        assert_eq!(wrap("WWWWWWWW", 10, 30, 9), ["WWW", "WWW", "WW"]);
    }

    #[test]
    fn marks_stay_with_their_letter() {
        assert_eq!(wrap("e\u{301}e\u{301}", 10, 6, 4), ["e\u{301}", "e\u{301}"]);
    }

    #[test]
    fn no_line_is_too_wide() {
        for text in
            ["Überprüfung größte Straße", "创建订单创建订单创建订单", "a-very-long-word-without-any-space"]
        {
            for line in wrap(text, 13, 50, 3) {
                assert!(width(&line, 13) <= 50, "{line}");
            }
        }
    }
}
