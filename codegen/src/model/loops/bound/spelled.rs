//! Numbers in words.

use super::number::Number;
use super::token::Token;

const ONES: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const TENS: [&str; 8] = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
const SCALES: [(&str, u64); 4] =
    [("hundred", 100), ("thousand", 1_000), ("million", 1_000_000), ("billion", 1_000_000_000)];

/// German, French and Spanish from one to twelve; a word that two of them share means the same in both.
const OTHERS: [[&str; 12]; 3] = [
    ["ein", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn", "elf", "zwölf"],
    ["une", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze", "douze"],
    ["una", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve", "diez", "once", "doce"],
];

/// The number that the first tokens spell, and how many they are.
fn spelled(tokens: &[Token]) -> Option<(u64, usize)> {
    let first = tokens.first()?;
    if let Token::Number(Number::Whole(value)) = *first {
        // `10 thousand`, `10k`
        let scale = match tokens.get(1)?.word()? {
            "k" => 1_000,
            word => scale(word)?,
        };
        return Some((value.saturating_mul(scale), 2));
    }
    if let Some(value) = other_language(first.word()?, tokens.get(1)) {
        return Some((value, 1));
    }
    english(tokens)
}

/// A number of another language, before a word of that kind only: `once` is Spanish for eleven.
fn other_language(word: &str, after: Option<&Token>) -> Option<u64> {
    let is_before_times = after.is_some_and(|after| {
        after.is_word_of(&["mal", "versuche", "fois", "essais", "veces", "vez", "intentos"])
    });
    let place = OTHERS.iter().find_map(|words| words.iter().position(|spelled| *spelled == word))?;
    is_before_times.then_some(place as u64 + 1)
}

fn english(tokens: &[Token]) -> Option<(u64, usize)> {
    let (mut total, mut group, mut length) = (0_u64, None, 0);
    while let Some(token) = tokens.get(length) {
        let is_inside = group.is_some();
        // `twenty-five`, `two hundred and fifty`
        let joins = *token == Token::Sign('-') || token.word() == Some("and");
        if joins
            && is_inside
            && tokens.get(length + 1).and_then(Token::word).is_some_and(|word| small(word).is_some())
            && is_open(group, tokens, length)
        {
            length += 1;
            continue;
        }
        let Some(word) = token.word() else { break };
        if let Some(value) = small(word) {
            if is_inside && !is_open(group, tokens, length) {
                break;
            }
            group = Some(group.unwrap_or(0).saturating_add(value));
        } else if let Some(scale) = scale(word) {
            let value = group.or((word_before_is_a(tokens, length)).then_some(1));
            let Some(value) = value else { break };
            if scale == 100 {
                group = Some(value.saturating_mul(100));
            } else {
                total = total.saturating_add(value.saturating_mul(scale));
                group = Some(0);
            }
        } else if word == "a"
            && length == 0
            && tokens.get(1).and_then(Token::word).is_some_and(|word| scale(word).is_some())
        {
            // `a hundred`
        } else {
            break;
        }
        length += 1;
    }
    group.map(|group| (total.saturating_add(group), length))
}

fn word_before_is_a(tokens: &[Token], at: usize) -> bool {
    at == 1 && tokens.first().and_then(Token::word) == Some("a")
}

/// May a smaller number follow? `twenty five` is one number, `three four` is two.
fn is_open(group: Option<u64>, tokens: &[Token], at: usize) -> bool {
    let next = tokens[at..].iter().find_map(|token| small(token.word()?));
    match (group, next) {
        (Some(group), Some(next)) => {
            let step = if group % 100 == 0 {
                100
            } else if group % 10 == 0 {
                10
            } else {
                1
            };
            next > 0 && next < step
        }
        _ => false,
    }
}

fn small(word: &str) -> Option<u64> {
    let one = ONES.iter().position(|spelled| *spelled == word).map(|value| value as u64);
    one.or_else(|| TENS.iter().position(|spelled| *spelled == word).map(|tens| (tens as u64 + 2) * 10))
}

fn scale(word: &str) -> Option<u64> {
    SCALES.iter().find(|(spelled, _)| *spelled == word).map(|(_, scale)| *scale)
}

/// Replaces words that spell a number by the number: `twenty-five`, `two hundred`, `drei`.
pub(super) fn numbers_in_words(tokens: &[Token]) -> Vec<Token> {
    let mut read = Vec::with_capacity(tokens.len());
    let mut rest = tokens;
    while let [first, after @ ..] = rest {
        let (token, length) = match spelled(rest) {
            Some((value, length)) => (Token::Number(Number::Whole(value)), length),
            None => (first.clone(), 1),
        };
        read.push(token);
        rest = rest.get(length..).unwrap_or(after);
    }
    read
}
