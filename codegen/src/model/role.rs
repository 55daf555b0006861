use super::declare::label;
use crate::suggest::is_typo;
use crate::syntax::{Edge, Word};

/// The role of an edge, by its label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Role {
    /// Control flow. The label as drawn, if there is one.
    Control(Option<Word>),
    /// `async:`: a message. The label without `async:`, if anything is left.
    Message(Option<Word>),
    /// `compensated by`: the target undoes the source.
    Undo,
}

impl Role {
    /// The role of this edge.
    #[must_use]
    pub fn new(edge: &Edge) -> Self {
        let Some(label) = label(&edge.attributes) else { return Self::Control(None) };
        let text = label.text.trim();
        if is_undo(text) || is_misspelled_undo(text) {
            return Self::Undo;
        }
        match message(text).or_else(|| misspelled_async(text)) {
            Some(text) => {
                let text = text.to_owned();
                Self::Message((!text.is_empty()).then_some(Word { text, span: label.span }))
            }
            None => Self::Control(Some(label.clone())),
        }
    }
}

/// The text after `async:`.
fn message(text: &str) -> Option<&str> {
    let (keyword, rest) = text.split_at_checked("async:".len())?;
    keyword.eq_ignore_ascii_case("async:").then(|| rest.trim())
}

/// The text after a word that was meant to be `async:`: `async : x`, `async x`, `asnyc: x`,
/// `(async) x`, `asynchronous: x`, `asynchronously x`.
///
/// `Asynchronous report wanted` has none: without a sign after it, the adjective belongs to its noun.
fn misspelled_async(text: &str) -> Option<&str> {
    const OPENING: [char; 5] = ['(', '[', '{', '<', '«'];
    const SIGNS: [char; 17] =
        [':', '：', ';', '-', '–', '—', '>', ')', ']', '}', '»', '.', ',', '=', '_', '|', '!'];
    let text = text.trim_start_matches(OPENING);
    let (word, behind) = text.split_at(text.find(|c: char| !c.is_alphabetic()).unwrap_or(text.len()));
    let (word, behind) =
        match behind.strip_prefix(['-', ' ']).and_then(|rest| rest.split_at_checked("sync".len())) {
            Some((sync, behind))
                if word.eq_ignore_ascii_case("a")
                    && sync.eq_ignore_ascii_case("sync")
                    && !behind.starts_with(char::is_alphabetic) =>
            {
                ("async", behind)
            }
            _ => (word, behind),
        };
    let rest = behind.trim_start_matches(|c: char| c.is_whitespace() || SIGNS.contains(&c));
    let has_sign = behind.trim_start().len() > rest.len();
    let is_separate = behind.is_empty() || behind.starts_with(char::is_whitespace);
    let word = word.to_lowercase();
    let is_read = if is_near_async(&word) || is_adverb(&word) {
        has_sign || is_separate
    } else {
        is_adjective(&word) && (has_sign || behind.is_empty())
    };
    is_read.then(|| rest.trim_end())
}

/// Is it `async` with one letter wrong or two exchanged? `sync` is a word of its own.
fn is_near_async(word: &str) -> bool {
    let sorted = |word: &str| {
        let mut letters: Vec<char> = word.chars().collect();
        letters.sort_unstable();
        letters
    };
    let is_exchanged = || is_typo(word, "async", 2) && sorted(word) == sorted("async");
    word != "sync" && (is_typo(word, "async", 1) || is_exchanged())
}

fn is_adverb(word: &str) -> bool {
    word.starts_with('a') && is_typo(word, "asynchronously", 1)
}

fn is_adjective(word: &str) -> bool {
    const STEMS: [&str; 8] =
        ["asynchron", "asincron", "asíncron", "assíncron", "асинхрон", "异步", "非同期", "비동기"];
    word != "asynchrony" && STEMS.iter().any(|stem| word.starts_with(stem))
        || word.starts_with('a') && is_typo(word, "asynchronous", 2)
}

/// The label of an edge that is read as `async:` though it is spelled otherwise, and the text of the message.
pub(crate) fn misspelled_message(edge: &Edge) -> Option<(&Word, &str)> {
    let label = label(&edge.attributes)?;
    let text = label.text.trim();
    let is_undo = is_undo(text) || is_misspelled_undo(text);
    if is_undo || message(text).is_some() { None } else { Some((label, misspelled_async(text)?)) }
}

fn is_undo(text: &str) -> bool {
    text.split_whitespace().map(str::to_lowercase).eq(["compensated", "by"])
}

/// Is it `compensate by`, `compensated_by` or `Compensated-By:`?
fn is_misspelled_undo(text: &str) -> bool {
    let text = text.trim_end_matches(|c: char| !c.is_alphanumeric());
    let ends = text.len().checked_sub(2).and_then(|end| text.get(end..));
    ends.is_some_and(|ends| ends.eq_ignore_ascii_case("by")) && is_typo(text, "compensated by", 3)
}

/// The label of an edge that is read as `compensated by` though it is spelled otherwise.
pub(crate) fn misspelled_undo(edge: &Edge) -> Option<&Word> {
    label(&edge.attributes).filter(|label| !is_undo(&label.text) && is_misspelled_undo(label.text.trim()))
}
