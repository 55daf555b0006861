//! Reads the bound of a loop from its text.
//!
//! The text is split into words, numbers and signs. A number is a bound if the words around it make it one: a
//! limit (`at most 3`), a unit (`3 attempts`), or a verb (`retry 3`). Other numbers are not read (F216). Of
//! several bounds the smallest applies.

mod number;
mod spelled;
mod token;
mod words;

#[cfg(test)]
mod tests;

use number::Number;
use token::{COUNTERS, Token};

/// How the bound of a loop was read from its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BoundReading {
    /// The text has no number.
    NoNumber,
    /// The text has numbers, and none is a bound.
    NotRead,
    /// The bound is 0 passes.
    Zero,
    /// The largest number of passes. If the text counts retries, `retries` passes follow the first one.
    Bound { passes: u32, retries: Option<u64> },
}

impl BoundReading {
    /// How many passes a run may make.
    pub(super) fn passes(self) -> Option<u32> {
        match self {
            Self::Bound { passes, .. } => Some(passes),
            Self::NoNumber | Self::NotRead | Self::Zero => None,
        }
    }
}

/// The number of characters of a text that are read.
const LONGEST: usize = 1_000;

/// Reads the bound that a text gives: `up to 3 times`, `max 3`, `retry twice`, `3 attempts`, `3x`.
pub(super) fn read(text: &str) -> BoundReading {
    let end = text.char_indices().nth(LONGEST).map_or(text.len(), |(end, _)| end);
    let tokens = with_adverbs(spelled::numbers_in_words(&token::tokens(&text[..end])));
    let numbers = || (0..tokens.len()).filter(|&at| matches!(tokens[at], Token::Number(_)));
    let counts: Vec<Count> = numbers().filter_map(|at| Phrase::at(&tokens, at)?.count()).collect();
    let least = counts.iter().filter(|count| count.passes() > 0).min_by_key(|count| count.passes());
    match least {
        Some(count) => BoundReading::Bound {
            passes: u32::try_from(count.passes()).unwrap_or(u32::MAX),
            retries: count.is_of_retries.then_some(count.most),
        },
        None if !counts.is_empty() => BoundReading::Zero,
        // `until one of them answers`: the word alone is no number.
        None if numbers().any(|at| tokens[at] != Token::Number(Number::Whole(1)) || text.contains('1')) => {
            BoundReading::NotRead
        }
        None => BoundReading::NoNumber,
    }
}

/// The most that a number allows.
struct Count {
    most: u64,
    /// It leaves out the first pass.
    is_of_retries: bool,
}

impl Count {
    fn passes(&self) -> u64 {
        self.most.saturating_add(u64::from(self.is_of_retries))
    }
}

/// Puts numbers for adverbs: `twice`, `dreimal`. `once` mostly means `as soon as`, so it takes a word before
/// it.
fn with_adverbs(tokens: Vec<Token>) -> Vec<Token> {
    const BEFORE_ONCE: &[&str] =
        &["most", "max", "maximum", "only", "just", "retry", "to", "höchstens", "nur"];
    let mut read: Vec<Token> = Vec::with_capacity(tokens.len());
    for token in tokens {
        let before = read.last();
        let value = match token.word() {
            Some("twice" | "zweimal") => Some(2),
            Some("thrice" | "dreimal") => Some(3),
            Some("viermal") => Some(4),
            Some("fünfmal") => Some(5),
            Some("zehnmal") => Some(10),
            Some("once" | "einmal") if before.is_some_and(|before| before.is_word_of(BEFORE_ONCE)) => Some(1),
            _ => None,
        };
        match value {
            Some(value) => {
                read.extend([Token::Number(Number::Whole(value)), Token::Word("times".to_owned())]);
            }
            None => read.push(token),
        }
    }
    read
}

/// What a number counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    /// What the verb says: `call 3 times`.
    Times,
    /// Passes.
    Attempts,
    /// Passes after the first.
    Retries,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Limit {
    AtMost,
    Below,
    AtLeast,
}

/// A number with the tokens around it.
struct Phrase<'t> {
    value: u64,
    /// Everything before the number and its limit.
    before: &'t [Token],
    limit: Option<Limit>,
    /// The token right before the number is a colon, an equals sign or a bracket.
    is_set: bool,
    unit: Option<Unit>,
    /// All tokens after the number and its unit.
    after: &'t [Token],
}

impl<'t> Phrase<'t> {
    /// `None` where the number is none that can count passes.
    fn at(tokens: &'t [Token], at: usize) -> Option<Self> {
        let Some(&Token::Number(Number::Whole(value))) = tokens.get(at) else { return None };
        let (mut before, after) = (tokens.get(..at)?, tokens.get(at + 1..)?);
        if is_range(after) {
            // The number after it is the upper end.
            return None;
        }
        let is_upper = matches!(before, [.., Token::Number(_), between] if is_range_sign(between));
        if is_upper {
            before = &before[..before.len() - 2];
        }
        let is_set = matches!(before, [.., Token::Sign(':' | '=' | '-') | Token::Break('(' | '.' | '[')]);
        if is_set {
            before = &before[..before.len() - 1];
        }
        let (unit, after) = self::unit(after);
        let (limit, before) = self::limit(before);
        let (limit, after) = match limit {
            None => limit_after(after),
            limit => (limit, after),
        };
        // `3 or fewer times`
        let (unit, after) = match unit {
            None => self::unit(after),
            unit => (unit, after),
        };
        // `2 to 5 times`
        let limit = limit.or((is_upper && unit.is_some()).then_some(Limit::AtMost));
        Some(Self { value, before, limit, is_set, unit, after })
    }

    fn count(&self) -> Option<Count> {
        let unit = match self.limit {
            Some(Limit::AtLeast) => return None,
            _ if self.is_rate_or_measure() => return None,
            Some(limit) => self.limited(limit)?,
            None => self.unlimited()?,
        };
        let is_of_retries = match unit {
            Unit::Retries => true,
            Unit::Times => self.is_retried(),
            Unit::Attempts => false,
        };
        let below = u64::from(self.limit == Some(Limit::Below));
        Some(Count { most: self.value.saturating_sub(below), is_of_retries })
    }

    /// `at most 3`, `fewer than 3 attempts`
    fn limited(&self, limit: Limit) -> Option<Unit> {
        if let Some(unit) = self.unit {
            let is_condition =
                limit == Limit::Below && self.phrase().iter().any(|token| token.is_word_of(words::CONDITION));
            return (!is_condition).then_some(unit);
        }
        if !self.is_closed() {
            return None;
        }
        let phrase = self.phrase();
        // `max attempts: 3` has its limit before the counted word; so has `attempts < 3`.
        if let Some(unit) = counted_before(phrase) {
            return Some(unit);
        }
        (phrase.is_empty() || self.begins_with_verb()).then_some(Unit::Times)
    }

    /// `3 attempts`, `call 3 times`, `retry 3`, `retries: 3`
    fn unlimited(&self) -> Option<Unit> {
        let phrase = self.phrase();
        if let Some(unit) = self.unit {
            let is_excluded = self.before.last().is_some_and(|last| {
                let is_total =
                    matches!(self.before, [.., total, _] if total.is_word_of(&["total", "maximum"]));
                last.is_word_of(words::NOT_BEFORE) && !is_total
                    || matches!(last, Token::Sign(sign) if !matches!(sign, '-' | 'x' | ':' | '='))
                    || last.word().is_some_and(is_excluding_ideograph)
            });
            let condition = phrase.iter().position(|token| token.is_word_of(words::CONDITION));
            let is_condition = condition.is_some_and(|at| {
                !(phrase[at].word() == Some("after")
                    && phrase[..at].iter().any(|token| token.is_word_of(words::STOP)))
            });
            let is_other = phrase.iter().any(|token| token.is_word_of(words::NOT_AMONG));
            return (!is_excluded && !is_condition && !is_other).then_some(unit);
        }
        if !self.is_closed() {
            return None;
        }
        match phrase {
            // `x3`, `retry x3`
            [.., Token::Sign('x')] if phrase.len() == 1 || self.begins_with_verb() => Some(Unit::Times),
            // `retry 3`, `repeat: 3`
            [word] if word.is_word_of(&["repeat"]) || is_retry(word) => Some(Unit::Times),
            _ => self.counted_by_name(),
        }
    }

    /// `attempts: 3`, `max attempts 3`, `retry limit = 3`
    fn counted_by_name(&self) -> Option<Unit> {
        let phrase = self.phrase();
        let is_count = |token: &Token| token.is_word_of(words::COUNT) || token.word() == Some("of");
        let named: Vec<&Token> = phrase.iter().filter(|token| !is_count(token)).collect();
        let [name] = named.as_slice() else { return None };
        let unit = unit_named(name)?;
        let is_plural = name.word().is_some_and(|word| word.ends_with('s') && word != "pass");
        (named.len() < phrase.len() || is_plural && (self.is_set || unit == Unit::Retries)).then_some(unit)
    }

    /// The tokens before the number and its limit that belong to the same phrase.
    fn phrase(&self) -> &'t [Token] {
        let ends = |token: &Token| matches!(token, Token::Break(_)) || token.is_word_of(words::CONNECTING);
        let begin = self.before.iter().rposition(ends).map_or(0, |at| at + 1);
        &self.before[begin..]
    }

    /// Nothing follows that the number could count.
    fn is_closed(&self) -> bool {
        match self.after.first() {
            None | Some(Token::Break(_) | Token::Sign('-')) => true,
            Some(Token::Word(word)) => {
                let next = self.after.get(1);
                words::CONTINUING.contains(&word.as_str())
                    || word == "in" && next.is_some_and(|next| next.is_word_of(&["total", "all"]))
                    || words::REPEAT.contains(&word.as_str())
            }
            Some(_) => false,
        }
    }

    /// `poll at most 3`: the phrase is a verb, without another unit.
    fn begins_with_verb(&self) -> bool {
        let phrase = self.phrase();
        let is_verb = |token: &Token| token.is_word_of(words::REPEAT) || is_retry(token);
        phrase.first().is_some_and(is_verb) && !phrase.iter().any(|token| token.is_word_of(words::NOT_AMONG))
    }

    /// `3 times a day`, `3 times faster`, `3/5`
    fn is_rate_or_measure(&self) -> bool {
        let is_period = |token: Option<&Token>| token.is_some_and(|token| token.is_word_of(words::PERIODS));
        let is_article = |token: &Token| {
            token.is_word_of(&[
                "a", "an", "per", "each", "every", "am", "im", "in", "pro", "par", "por", "al", "al", "op",
            ])
        };
        match self.after {
            [Token::Sign('/' | '%' | '°' | '^' | ':' | 'x'), ..] => true,
            [Token::Word(word), ..] if words::PERIODS.contains(&word.as_str()) => true,
            [Token::Word(word), ..] if words::NOT_AFTER.contains(&word.as_str()) => true,
            [Token::Word(word), ..] if self.unit.is_some() && word.starts_with(['目', '后', '後']) => true,
            [Token::Word(word), ..] if self.unit.is_some() && word.starts_with("以上") => true,
            [article, rest @ ..] if is_article(article) => {
                is_period(rest.first()) || article.is_word_of(&["a", "an"])
            }
            _ => {
                matches!(self.before, [.., Token::Sign('/' | '#' | '$' | '€' | '£' | '~' | '≈')])
                    || matches!(self.before, [.., Token::Number(_), Token::Sign('x')])
            }
        }
    }

    /// Does the text say that something is done once more?
    fn is_retried(&self) -> bool {
        let ends = |token: &Token| matches!(token, Token::Break(_)) || token.is_word_of(words::CONNECTING);
        let phrase = self.after.iter().take_while(|token| !ends(token));
        let words: Vec<&Token> = self.before.iter().chain(phrase).collect();
        let again = words.windows(2).any(|pair| {
            pair[0].is_word_of(&["try", "tries", "trying"]) && pair[1].word() == Some("again")
                || pair[0].word() == Some("re") && pair[1].is_word_of(&["try"])
        });
        again
            || words.iter().any(|token| is_retry(token))
            || matches!(self.before, [.., another] if another.word() == Some("another"))
    }
}

/// Does a range continue after its first number? `2-3`, `2 to 3`
fn is_range(after: &[Token]) -> bool {
    matches!(after, [between, Token::Number(Number::Whole(_)), ..] if is_range_sign(between))
}

fn is_range_sign(token: &Token) -> bool {
    *token == Token::Sign('-') || token.is_word_of(&["to", "or", "and", "bis", "oder", "ou", "à"])
}

fn is_retry(token: &Token) -> bool {
    let is_ideograph = |verb: &&&str| !verb.is_ascii() && !verb.starts_with('r');
    token.is_word_of(words::RETRY)
        || token
            .word()
            .is_some_and(|word| words::RETRY.iter().filter(is_ideograph).any(|verb| word.contains(verb)))
}

/// `第` and `每` before a number: the third time, every three times.
fn is_excluding_ideograph(word: &str) -> bool {
    word.ends_with('第') || word.contains(['每', '毎'])
}

/// The unit that the first of these tokens give a number, and the tokens after them.
fn unit(after: &[Token]) -> (Option<Unit>, &[Token]) {
    let mut rest = after;
    if let [Token::Sign('-'), Token::Word(_), ..] = rest {
        rest = &rest[1..];
    }
    let mut leaves_out_first = false;
    while let Some(token) =
        rest.first().filter(|token| token.is_word_of(words::BETWEEN) || token.is_word_of(words::MORE))
    {
        leaves_out_first |= token.is_word_of(words::MORE);
        rest = &rest[1..];
    }
    let (unit, length) = match rest {
        [Token::Word(re), Token::Sign('-'), Token::Word(tries), ..]
            if re == "re" && tries.starts_with("tr") =>
        {
            (Some(Unit::Retries), 3)
        }
        [Token::Sign('x'), Token::Number(_), ..] | [] => (None, 0),
        [Token::Sign('x'), ..] => (Some(Unit::Times), 1),
        [token, ..] => (unit_named(token), 1),
    };
    match unit {
        Some(unit) => {
            let unit = if leaves_out_first { Unit::Retries } else { unit };
            (Some(unit), rest.get(length..).unwrap_or_default())
        }
        None => (None, after),
    }
}

fn unit_named(token: &Token) -> Option<Unit> {
    let word = token.word()?;
    if words::TIMES.contains(&word) || word.starts_with(COUNTERS) {
        Some(Unit::Times)
    } else if words::ATTEMPTS.contains(&word) {
        Some(Unit::Attempts)
    } else {
        words::RETRIES.contains(&word).then_some(Unit::Retries)
    }
}

/// `attempts` right before `< 3`
fn counted_before(phrase: &[Token]) -> Option<Unit> {
    match phrase {
        [name] if name.word().is_some_and(|word| word.ends_with('s') && word != "pass") => unit_named(name),
        _ => None,
    }
}

/// The limit that the last of these tokens name, and the tokens before it.
fn limit(before: &[Token]) -> (Option<Limit>, &[Token]) {
    match before {
        [rest @ .., Token::Sign('<')] => return (Some(Limit::Below), rest),
        [rest @ .., Token::Sign('≤')] => return (Some(Limit::AtMost), rest),
        [rest @ .., Token::Sign('>' | '≥')] => return (Some(Limit::AtLeast), rest),
        _ => {}
    }
    let tables =
        [(Limit::AtMost, words::AT_MOST), (Limit::Below, words::BELOW), (Limit::AtLeast, words::AT_LEAST)];
    let named =
        tables.into_iter().flat_map(|(limit, phrases)| phrases.iter().map(move |phrase| (limit, *phrase)));
    let ends =
        named.filter_map(|(limit, phrase)| Some((length_at_end(before, phrase)?, phrase.len(), limit)));
    match ends.max_by_key(|&(length, bytes, _)| (length, bytes)) {
        Some((length, _, limit)) => (Some(limit), &before[..before.len() - length]),
        None => (None, before),
    }
}

/// How many tokens at the end are this phrase; 0 where it is the end of a longer word.
fn length_at_end(tokens: &[Token], phrase: &str) -> Option<usize> {
    let length = phrase.split(' ').count();
    let end = tokens.get(tokens.len().checked_sub(length)?..)?;
    let is_same = end.iter().map(Token::word).eq(phrase.split(' ').map(Some));
    // Ideographs have no spaces between words.
    let joins = || !phrase.is_ascii() && length == 1 && phrase.chars().all(|c| c > '\u{3000}');
    let is_joined = || tokens.last().and_then(Token::word).is_some_and(|word| word.ends_with(phrase));
    if is_same { Some(length) } else { (joins() && is_joined()).then_some(0) }
}

/// The limit that the first of these tokens name, and the tokens after it.
fn limit_after(after: &[Token]) -> (Option<Limit>, &[Token]) {
    let begins = words::AT_MOST_AFTER.iter().filter_map(|phrase| {
        let length = phrase.split(' ').count();
        let begin = after.get(..length)?;
        begin.iter().map(Token::word).eq(phrase.split(' ').map(Some)).then_some(length)
    });
    match begins.max() {
        Some(length) => (Some(Limit::AtMost), &after[length..]),
        None => (None, after),
    }
}
