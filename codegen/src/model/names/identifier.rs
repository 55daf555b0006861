//! From words to identifiers.

use heck::{ToSnakeCase, ToUpperCamelCase};

use super::words::spoken;

/// Longer names are cut, at a word.
const LONGEST: usize = 60;

/// All keywords of the 2024 edition but those that are only words in certain places.
const KEYWORDS: [&str; 53] = [
    "Self", "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do",
    "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop",
    "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static",
    "struct", "super", "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use", "virtual",
    "where", "while", "yield", "_",
];

/// What a lane, a node or an outcome is called before anybody looks at who else wants the name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stem(String);

impl Stem {
    /// The stem that the text gives, or, where it holds no letter and no digit, the other text.
    pub(super) fn of(text: &str, otherwise: &str) -> Self {
        let of = |text: &str| Some(Self(cut(&spoken(text)))).filter(|stem| !stem.0.is_empty());
        of(text).or_else(|| of(otherwise)).unwrap_or_else(|| Self("node".to_owned()))
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

/// As many of the words as make a name that is not too long, one at least.
fn cut(spoken: &str) -> String {
    let mut name = String::new();
    for word in spoken.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()) {
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
    if KEYWORDS.contains(&name.as_str()) {
        name.push('_');
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> (String, String) {
        let stem = Stem::of(text, "n1");
        (stem.snake(), stem.pascal())
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
        assert_eq!(Stem::of("…", "_").snake(), "node");
        assert_eq!(Stem::of("…", "42").pascal(), "Num42");
    }

    #[test]
    fn long_labels_are_cut_at_a_word() {
        let (snake, _) = names(&"every order ".repeat(20));
        assert_eq!(snake, "every_order_every_order_every_order_every_order_every_order");
        assert_eq!(names(&"x".repeat(500)).0.len(), LONGEST);
    }
}
