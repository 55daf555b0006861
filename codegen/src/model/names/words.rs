//! From what people write on boxes to words that identifiers can be made of.

use std::borrow::Cow;

/// A text in ASCII; what is neither letter nor digit separates words.
pub(super) fn spoken(text: &str) -> String {
    let mut spoken = deunicode::deunicode_with_tofu(&spell_out(text), " ");
    // What is left of apostrophes and of soft signs joins what it stands between.
    spoken.retain(|c| !matches!(c, '\'' | '`'));
    spoken
}

/// Puts words for the signs that mean one.
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

/// Signs that mean the same wherever they stand.
const ALONE: [char; 3] = ['%', '+', '#'];

/// Signs that mean something together.
const TOGETHER: [char; 10] = ['<', '>', '=', '!', '-', '~', '≤', '≥', '≠', '&'];

/// How long the sign is at the beginning of `text`.
fn sign_len(text: &str) -> usize {
    if text.starts_with(ALONE) { 1 } else { text.find(|c| !TOGETHER.contains(&c)).unwrap_or(text.len()) }
}

/// What a sign is called. Arrows and dashes have no name, they separate.
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
    fn spoken(text: &str) -> String {
        super::spoken(text)
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
            assert_eq!(spoken(text), expected, "{text}");
        }
    }

    #[test]
    fn apostrophes_join() {
        assert_eq!(spoken("don't"), "dont");
        assert_eq!(spoken("Customer’s “order”"), "Customers order");
    }

    #[test]
    fn other_scripts_are_transliterated() {
        for text in
            ["Έλεγχος πληρωμής", "Проверить статусь", "创建订单", "تحقق من الدفع", "Überprüfung", "🚀"]
        {
            assert!(!spoken(text).is_empty(), "{text}");
        }
        assert_eq!(spoken("Überprüfung"), "Uberprufung");
        assert_eq!(spoken("Статус заказа"), "Status zakaza");
    }

    #[test]
    fn nothing_is_left_of_signs_alone() {
        for text in ["", "?!", "…", "—", "_", "'"] {
            assert!(spoken(text).is_empty(), "{text}");
        }
    }
}
