//! The excerpts of a drawing that a finding shows.
//!
//! A renderer that received the whole drawing would scan it again for every finding, so a report would take
//! quadratic time.

use std::ops::Range;

use flowgen_codegen::source::{Lines, Span};

/// Excerpts that are at most this many bytes apart are merged.
const NEAR: usize = 400;

/// The most bytes of a line that an excerpt shows on each side of a span, because a whole drawing may be on one
/// line.
const WIDE: usize = 160;

/// A span to show, with its label.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    pub(super) span: Span,
    pub(super) label: Option<&'a str>,
    /// Whether this is the primary span of the finding.
    pub(super) primary: bool,
}

/// An excerpt of the drawing, and the spans in it.
#[derive(Debug)]
pub(super) struct Window<'a> {
    pub(super) source: &'a str,
    /// The byte at which `source` starts.
    start: usize,
    /// The number of the line in which `source` starts, from one.
    pub(super) line: usize,
    /// Whether `source` starts inside that line.
    pub(super) cut: bool,
    pub(super) places: Vec<Place<'a>>,
}

impl Window<'_> {
    /// Converts a span of the drawing to a range in `source`.
    pub(super) fn range(&self, span: Span) -> Range<usize> {
        let within = |byte: usize| byte.saturating_sub(self.start).min(self.source.len());
        within(span.start)..within(span.end)
    }

    /// The byte at which `source` ends.
    fn end(&self) -> usize {
        self.start + self.source.len()
    }
}

/// Returns the excerpts that show all of `places`. The excerpt with the primary span comes first, the others
/// follow in the order of the drawing.
pub(super) fn windows<'a>(text: &'a str, lines: &Lines<'_>, places: &[Place<'a>]) -> Vec<Window<'a>> {
    let mut sorted: Vec<&Place<'a>> = places.iter().collect();
    sorted.sort_by_key(|place| place.span);
    let mut windows: Vec<Window<'a>> = Vec::new();
    for place in sorted {
        let reach = reach(text, place.span);
        match windows.last_mut() {
            Some(window) if reach.start <= window.end() + NEAR => {
                window.source = &text[window.start..reach.end.max(window.end())];
                window.places.push(*place);
            }
            _ => windows.push(Window {
                source: &text[reach.clone()],
                start: reach.start,
                line: lines.position(reach.start).line,
                cut: !starts_line(text, reach.start),
                places: vec![*place],
            }),
        }
    }
    windows.sort_by_key(|window| !window.places.iter().any(|place| place.primary));
    windows
}

/// The lines that contain `span`, cut if they are too long.
fn reach(text: &str, span: Span) -> Range<usize> {
    let start = floor(text, span.start.min(text.len()));
    let end = floor(text, span.end.clamp(start, text.len()));
    let from = floor(text, start.saturating_sub(WIDE));
    let to = floor(text, (end + WIDE).min(text.len()));
    let line_start = text[from..start].rfind('\n').map_or(from, |at| from + at + 1);
    let line_end = text[end..to].find('\n').map_or(to, |at| end + at);
    line_start..line_end
}

fn starts_line(text: &str, byte: usize) -> bool {
    byte == 0 || text[..byte].ends_with('\n')
}

fn floor(text: &str, mut byte: usize) -> usize {
    while !text.is_char_boundary(byte) {
        byte -= 1;
    }
    byte
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The line and the length of each window around these bytes; the first of them is primary.
    fn shown(text: &str, bytes: &[usize]) -> Vec<(usize, usize)> {
        let place = |(at, &byte)| Place { span: Span::new(byte, byte + 1), label: None, primary: at == 0 };
        let places: Vec<_> = bytes.iter().enumerate().map(place).collect();
        let windows = windows(text, &Lines::new(text), &places);
        windows.iter().map(|window| (window.line, window.source.len())).collect()
    }

    #[test]
    fn places_far_apart_are_shown_apart_and_the_primary_first() {
        let text = "0123456789\n".repeat(1000);
        assert_eq!(shown(&text, &[9900, 0]), [(901, 10), (1, 10)]);
    }

    #[test]
    fn places_close_by_are_shown_together() {
        let text = "0123456789\n".repeat(1000);
        assert_eq!(shown(&text, &[22, 0]), [(1, 32)]);
    }

    #[test]
    fn a_long_line_is_cut() {
        let text = "é".repeat(1_000_000);
        assert_eq!(shown(&text, &[1_000_000]), [(1, 2 * WIDE)]);
    }

    #[test]
    fn spans_outside_of_the_text_are_harmless() {
        assert_eq!(shown("ab", &[7]), [(1, 2)]);
        assert_eq!(shown("", &[0]), [(1, 0)]);
    }
}
