//! What holds for any text.

use flowgen_codegen::finding::Finding;
use flowgen_codegen::source::Span;
use flowgen_codegen::syntax::{Drawing, print};
use proptest::prelude::*;

use crate::SAGA;
use crate::drawn::drawing;
use crate::spans::each_span;
use crate::support::{bare, read};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn any_text_is_read(text in any::<String>()) {
        check(&text)?;
    }

    #[test]
    fn any_text_of_the_language_is_read(pieces in prop::collection::vec(piece(), 0..40)) {
        check(&pieces.concat())?;
    }

    #[test]
    fn any_damaged_drawing_is_read(damage in prop::collection::vec(damage(), 1..6)) {
        let text = damage.iter().fold(SAGA.to_owned(), |text, damage| damage.apply(&text));
        check(&text)?;
    }

    #[test]
    fn any_damaged_odd_drawing_is_read(drawing in drawing(), damage in prop::collection::vec(damage(), 0..4)) {
        let text = damage.iter().fold(print(&drawing), |text, damage| damage.apply(&text));
        check(&text)?;
    }

    #[test]
    fn what_is_printed_is_read_as_it_was(drawing in drawing()) {
        let printed = print(&drawing);
        prop_assert_eq!(bare(&read(&printed).0), drawing, "{}", printed);
    }
}

/// Spans in place, and printing changes nothing.
fn check(text: &str) -> Result<(), TestCaseError> {
    let (mut drawing, findings) = read(text);
    let printed = print(&drawing);
    let (again, _) = read(&printed);
    prop_assert_eq!(bare(&again), bare(&drawing), "{:?}\nprinted\n{}", text, printed);
    prop_assert_eq!(print(&again), printed);
    check_spans(text, &mut drawing, &findings)
}

fn check_spans(text: &str, drawing: &mut Drawing, findings: &[Finding]) -> Result<(), TestCaseError> {
    let mut spans: Vec<Span> = Vec::new();
    each_span(drawing, &mut |span| spans.push(*span));
    for finding in findings {
        spans.push(finding.span);
        spans.extend(finding.related.iter().map(|related| related.span));
        spans.extend(finding.edits.iter().map(|edit| edit.span));
        prop_assert!(!finding.message.contains(['\n', '\r']), "{:?}", finding.message);
    }
    for span in spans {
        prop_assert!(text.get(span.range()).is_some(), "{:?} in {:?}", span, text);
    }
    Ok(())
}

/// What a drawing is made of, and what comes near it.
fn piece() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "n1",
        "n2",
        " ",
        "\n",
        "\r\n",
        "\t",
        ":",
        "=",
        ".",
        ",",
        "circle",
        "diamond",
        "label",
        "owner",
        "\"",
        "\"x\"",
        "“",
        "”",
        "\\",
        "handle",
        "(",
        ")",
        "left",
        "right",
        "->",
        "→",
        "=>",
        "-",
        "[",
        "]",
        "{",
        "}",
        "#",
        "//",
        "/",
        "loop",
        "Shop",
        "\u{a0}",
        "\u{feff}",
        "\u{2028}",
        "é",
        "😀",
        ".handle(right)",
        " n1: circle label:\"Start\"",
    ])
}

/// A part of a text, in thousandths of its length, and what happens to it.
#[derive(Clone, Debug)]
enum Damage {
    Delete(usize, usize),
    Double(usize, usize),
    Swap(usize, usize, usize),
    Insert(usize, String),
}

fn damage() -> impl Strategy<Value = Damage> {
    let at = 0..1000_usize;
    let length = 1..60_usize;
    prop_oneof![
        (at.clone(), length.clone()).prop_map(|(at, length)| Damage::Delete(at, length)),
        (at.clone(), length.clone()).prop_map(|(at, length)| Damage::Double(at, length)),
        (at.clone(), length.clone(), length).prop_map(|(at, one, other)| Damage::Swap(at, one, other)),
        (at, piece()).prop_map(|(at, piece)| Damage::Insert(at, piece.to_owned())),
    ]
}

impl Damage {
    fn apply(&self, text: &str) -> String {
        let chars: Vec<char> = text.chars().collect();
        let cut = |at: usize, length: usize| {
            let start = at * chars.len() / 1000;
            (start, (start + length).min(chars.len()))
        };
        let part = |start: usize, end: usize| chars[start..end].iter().collect::<String>();
        match self {
            Self::Delete(at, length) => {
                let (start, end) = cut(*at, *length);
                part(0, start) + &part(end, chars.len())
            }
            Self::Double(at, length) => {
                let (start, end) = cut(*at, *length);
                part(0, end) + &part(start, chars.len())
            }
            Self::Swap(at, one, other) => {
                let (start, middle) = cut(*at, *one);
                let end = (middle + other).min(chars.len());
                part(0, start) + &part(middle, end) + &part(start, middle) + &part(end, chars.len())
            }
            Self::Insert(at, piece) => {
                let (start, _) = cut(*at, 0);
                part(0, start) + piece + &part(start, chars.len())
            }
        }
    }
}
