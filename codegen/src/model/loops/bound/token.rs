//! The text of a loop, taken apart: words, numbers and signs.

use std::iter::Peekable;
use std::str::CharIndices;

use super::number::{Number, written};

/// A piece of the text of a loop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// Adjacent letters, in lower case.
    Word(String),
    /// Digits with their separators.
    Number(Number),
    /// `<`, `≤`, `x`, `-`, …
    Sign(char),
    /// Where one phrase ends and another begins: `,`, `;`, `(`, …
    Break(char),
}

impl Token {
    pub(super) fn word(&self) -> Option<&str> {
        match self {
            Self::Word(word) => Some(word),
            _ => None,
        }
    }

    pub(super) fn is_word_of(&self, words: &[&str]) -> bool {
        self.word().is_some_and(|word| words.contains(&word))
    }
}

/// Chinese and Japanese numerals, up to ten. They count only before a [`COUNTERS`] sign.
const NUMERALS: [(char, u64); 12] = [
    ('一', 1),
    ('二', 2),
    ('两', 2),
    ('兩', 2),
    ('三', 3),
    ('四', 4),
    ('五', 5),
    ('六', 6),
    ('七', 7),
    ('八', 8),
    ('九', 9),
    ('十', 10),
];

/// Counters for times in Chinese, Japanese and Korean, which follow the number.
pub(super) const COUNTERS: [char; 7] = ['次', '回', '遍', '轮', '度', '번', '회'];

pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut rest = text.char_indices().peekable();
    let mut before = ' ';
    while let Some(&(at, c)) = rest.peek() {
        let token = if digit(c).is_some() || is_minus_of_number(text, at, c, before) {
            Token::Number(take_number(text, &mut rest))
        } else if let Some(&(_, value)) =
            NUMERALS.iter().find(|(numeral, _)| *numeral == c && is_counted(text, at, c))
        {
            rest.next();
            Token::Number(Number::Whole(value))
        } else if c.is_alphabetic() {
            match take_word(text, &mut rest) {
                word if word == "x" => Token::Sign('x'),
                word => Token::Word(word),
            }
        } else {
            rest.next();
            match c {
                '×' | '✕' => Token::Sign('x'),
                '<' | '＜' => or_equal(&mut rest, '<', '≤'),
                '>' | '＞' => or_equal(&mut rest, '>', '≥'),
                '=' if rest.next_if(|(_, next)| *next == '<').is_some() => Token::Sign('≤'),
                '≤' | '≥' | '=' | ':' | '：' | '#' | '%' | '°' | '/' | '$' | '€' | '£' | '~' | '≈' | '^'
                | '*' => Token::Sign(if c == '：' { ':' } else { c }),
                '-' | '‐' | '‑' | '–' | '—' | '−' | '…' => Token::Sign('-'),
                // It joins the words on both sides.
                '_' | '\'' | '’' | '`' => {
                    before = c;
                    continue;
                }
                c if c.is_whitespace() => {
                    before = c;
                    continue;
                }
                '.' if tokens.last().is_some_and(|last| last.is_word_of(&["max", "min", "approx", "no"])) => {
                    before = c;
                    continue;
                }
                c => Token::Break(c),
            }
        };
        before = rest.peek().map_or(c, |&(next, _)| text[..next].chars().next_back().unwrap_or(c));
        tokens.push(token);
    }
    tokens
}

fn or_equal(rest: &mut Peekable<CharIndices<'_>>, alone: char, with_equal: char) -> Token {
    Token::Sign(if rest.next_if(|(_, next)| *next == '=').is_some() { with_equal } else { alone })
}

/// The value of a decimal digit, also of full width, Arabic and Devanagari.
pub(super) fn digit(c: char) -> Option<u32> {
    let zeros = ['0', '０', '٠', '۰', '०'].map(u32::from);
    zeros.into_iter().find_map(|zero| u32::from(c).checked_sub(zero).filter(|value| *value < 10))
}

/// Is it a minus without a word or a number before it?
fn is_minus_of_number(text: &str, at: usize, c: char, before: char) -> bool {
    let next = text.get(at + c.len_utf8()..).and_then(|rest| rest.chars().next());
    matches!(c, '-' | '−' | '+')
        && !before.is_alphanumeric()
        && next.is_some_and(|next| digit(next).is_some())
}

fn is_counted(text: &str, at: usize, c: char) -> bool {
    text.get(at + c.len_utf8()..).is_some_and(|rest| rest.starts_with(COUNTERS))
}

/// Letters up to where another script, a digit or a hump (`maxRetries`) begins.
fn take_word(text: &str, rest: &mut Peekable<CharIndices<'_>>) -> String {
    let mut word = String::new();
    let mut before: Option<char> = None;
    while let Some(&(at, c)) = rest.peek() {
        let is_hump = before.is_some_and(char::is_lowercase) && c.is_uppercase();
        let is_numeral = NUMERALS.iter().any(|(numeral, _)| *numeral == c) && is_counted(text, at, c);
        let is_combining = !c.is_alphanumeric() && ('\u{300}'..'\u{370}').contains(&c);
        if is_hump || is_numeral || !(c.is_alphabetic() || is_combining) {
            break;
        }
        word.extend(c.to_lowercase());
        let is_counter = before.is_none() && COUNTERS.contains(&c);
        before = Some(c);
        rest.next();
        if is_counter {
            break;
        }
    }
    word
}

/// Digits with signs between them, up to any other character.
fn take_number(text: &str, rest: &mut Peekable<CharIndices<'_>>) -> Number {
    let mut written_as = String::new();
    while let Some(&(at, c)) = rest.peek() {
        let next = text.get(at + c.len_utf8()..).unwrap_or_default();
        let joins = matches!(c, '.' | ',' | '\'' | '’' | '_') || is_thin_space(c);
        let joins = joins && next.starts_with(|c| digit(c).is_some());
        let groups = c == ' '
            && is_group(next)
            && written(&format!("{written_as} {}", leading_digits(next))).is_whole();
        let is_sign = written_as.is_empty() && matches!(c, '-' | '−' | '+');
        match digit(c) {
            Some(value) => written_as.extend(char::from_digit(value, 10)),
            None if is_sign => written_as.push(if c == '+' { '+' } else { '-' }),
            None if joins || groups => written_as.push(if is_thin_space(c) { ' ' } else { c }),
            None => break,
        }
        rest.next();
    }
    written(&written_as)
}

/// Spaces that are put between the groups of a number.
fn is_thin_space(c: char) -> bool {
    matches!(c, '\u{a0}' | '\u{202f}' | '\u{2009}' | '\u{2007}')
}

fn is_group(text: &str) -> bool {
    leading_digits(text).len() == 3
}

fn leading_digits(text: &str) -> String {
    text.chars().map_while(digit).filter_map(|value| char::from_digit(value, 10)).collect()
}
