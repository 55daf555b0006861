//! Turns labels into identifiers.

use std::borrow::Cow;

use heck::{ToSnakeCase, ToUpperCamelCase};

use crate::syntax::is_keyword;

/// Longer names are cut at a word, in bytes.
const LONGEST: usize = 60;

/// The name of a lane, a node or an outcome before collisions are resolved: words in ASCII.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct BaseName(String);

impl BaseName {
    /// The name that `text` gives, or, if it has no letter and no digit, the one that `fallback` gives.
    pub(super) fn new(text: &str, fallback: &str) -> Self {
        let name = |text: &str| Some(cut(&to_words(text))).filter(|name| !name.is_empty());
        Self(name(text).or_else(|| name(fallback)).unwrap_or_else(|| "node".to_owned()))
    }

    /// `order_created`
    pub(super) fn snake(&self) -> String {
        escaped(self.0.to_snake_case())
    }

    /// `OrderCreated`
    pub(super) fn pascal(&self) -> String {
        escaped(self.0.to_upper_camel_case())
    }
}

/// The first words, as many as make a name that is not too long, at least one.
fn cut(text: &str) -> String {
    let mut name = String::new();
    for word in text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()) {
        if name.is_empty() {
            if word.starts_with(|c: char| c.is_ascii_digit()) {
                name.push_str("num ");
            }
            name.push_str(&word[..word.len().min(LONGEST)]);
        } else if name.len() + word.len() < LONGEST {
            name.push(' ');
            name.push_str(word);
        } else {
            break;
        }
    }
    name
}

/// An identifier that is no keyword.
pub(super) fn escaped(mut name: String) -> String {
    if is_keyword(&name) {
        name.push('_');
    }
    name
}

/// Transliterates a text to ASCII. Words are separated by characters that are neither letters nor digits.
fn to_words(text: &str) -> String {
    let mut words = deunicode::deunicode_with_tofu(&spell_out(text), " ");
    // Apostrophes, and the soft signs that became such, separate no words.
    words.retain(|c| !matches!(c, '\'' | '`'));
    words
}

/// Replaces signs that stand for a word by the word.
fn spell_out(text: &str) -> Cow<'_, str> {
    if !text.contains(is_sign) {
        return Cow::Borrowed(text);
    }
    let mut spelled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(is_sign) {
        let (before, from) = rest.split_at(at);
        let (sign, behind) = from.split_at(sign_len(from));
        spelled.extend([before, " ", spelled_sign(sign), " "]);
        rest = behind;
    }
    spelled.push_str(rest);
    Cow::Owned(spelled)
}

fn is_sign(c: char) -> bool {
    ALONE.contains(&c) || TOGETHER.contains(&c)
}

/// Signs that have a meaning by themselves.
const ALONE: [char; 3] = ['%', '+', '#'];

/// Signs that have a meaning together.
const TOGETHER: [char; 10] = ['<', '>', '=', '!', '-', '~', '≤', '≥', '≠', '&'];

/// The length of the sign at the beginning of `text`.
fn sign_len(text: &str) -> usize {
    if text.starts_with(ALONE) { 1 } else { text.find(|c| !TOGETHER.contains(&c)).unwrap_or(text.len()) }
}

/// The word for a sign. Arrows and dashes have none, and separate words.
fn spelled_sign(sign: &str) -> &'static str {
    match sign {
        "&" | "&&" => "and",
        "%" => "percent",
        "+" => "plus",
        "#" => "number",
        "<" => "below",
        ">" => "above",
        "<=" | "=<" | "≤" => "at most",
        ">=" | "≥" => "at least",
        "!=" | "≠" | "<>" => "not",
        "=" | "==" | "===" => "equals",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> (String, String) {
        let name = BaseName::new(text, "n1");
        (name.snake(), name.pascal())
    }

    #[test]
    fn labels_become_names() {
        for (label, snake, pascal) in [
            ("Order created?", "order_created", "OrderCreated"),
            ("HTTP request", "http_request", "HttpRequest"),
            ("3 strikes", "num_3_strikes", "Num3Strikes"),
            ("Type", "type_", "Type"),
            ("gen", "gen_", "Gen"),
            ("Self", "self_", "Self_"),
            ("Union", "union", "Union"),
            ("?!", "n1", "N1"),
        ] {
            assert_eq!(names(label), (snake.to_owned(), pascal.to_owned()), "{label}");
        }
    }

    #[test]
    fn a_name_without_letters_falls_back_twice() {
        assert_eq!(BaseName::new("…", "_").snake(), "node");
        assert_eq!(BaseName::new("…", "42").pascal(), "Num42");
    }

    #[test]
    fn long_labels_are_cut_at_a_word() {
        let (snake, _) = names(&"every order ".repeat(20));
        assert_eq!(snake, "every_order_every_order_every_order_every_order_every_order");
        assert_eq!(names(&"x".repeat(500)).0.len(), LONGEST);
    }

    fn words(text: &str) -> String {
        to_words(text)
            .split(|c: char| !c.is_ascii_alphanumeric())
            .filter(|word| !word.is_empty())
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn signs_are_spelled_out() {
        for (text, expected) in [
            ("Pick & pack", "Pick and pack"),
            ("R&D", "R and D"),
            ("Stock < 5", "Stock below 5"),
            ("CPU>=90%", "CPU at least 90 percent"),
            ("Age ≤ 3, size ≠ 4", "Age at most 3 size not 4"),
            ("a == b", "a equals b"),
            ("Order #5", "Order number 5"),
            ("A -> B => C --> D", "A B C D"),
            ("$5 | retry / stop", "5 retry stop"),
        ] {
            assert_eq!(words(text), expected, "{text}");
        }
    }

    #[test]
    fn apostrophes_join() {
        assert_eq!(words("don't"), "dont");
        assert_eq!(words("Customer’s “order”"), "Customers order");
    }

    #[test]
    fn other_scripts_are_transliterated() {
        for text in
            ["Έλεγχος πληρωμής", "Проверить статусь", "创建订单", "تحقق من الدفع", "Überprüfung", "🚀"]
        {
            assert!(!words(text).is_empty(), "{text}");
        }
        assert_eq!(words("Überprüfung"), "Uberprufung");
        assert_eq!(words("Статус заказа"), "Status zakaza");
    }

    #[test]
    fn nothing_is_left_of_signs_alone() {
        for text in ["", "?!", "…", "—", "_", "'"] {
            assert!(words(text).is_empty(), "{text}");
        }
    }
}
