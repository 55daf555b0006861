//! From what people write on boxes to words that identifiers can be made of.

/// The words of a text, in ASCII letters and digits.
pub(super) fn words(text: &str) -> Vec<String> {
    let spoken = deunicode::deunicode_with_tofu(&spell_out(text), " ");
    // What is left of apostrophes and of soft signs joins what it stands between.
    let spoken: String = spoken.chars().filter(|c| !matches!(c, '\'' | '`')).collect();
    spoken
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Puts words for the signs that mean one.
fn spell_out(text: &str) -> String {
    let mut spoken = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let len = sign_len(rest).unwrap_or(first.len_utf8());
        let (sign, behind) = rest.split_at(len);
        match spelled(sign) {
            Some(word) => spoken.extend([" ", word, " "]),
            None if sign_len(rest).is_some() => spoken.push(' '),
            None => spoken.push(first),
        }
        rest = behind;
    }
    spoken
}

/// How long the sign is that stands at the beginning of `text`, if one does.
fn sign_len(text: &str) -> Option<usize> {
    const COMPARING: [char; 10] = ['<', '>', '=', '!', '-', '~', '≤', '≥', '≠', '&'];
    let len = text.find(|c| !COMPARING.contains(&c)).unwrap_or(text.len());
    match text.chars().next()? {
        '%' | '+' | '#' => Some(1),
        _ if len > 0 => Some(len),
        _ => None,
    }
}

/// What a sign is called. Arrows and dashes have no name, they separate.
fn spelled(sign: &str) -> Option<&'static str> {
    Some(match sign {
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
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::words;

    fn spoken(text: &str) -> String {
        words(text).join(" ")
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
            let words = words(text);
            assert!(!words.is_empty(), "{text}");
            assert!(words.iter().all(|word| word.bytes().all(|b| b.is_ascii_alphanumeric())), "{words:?}");
        }
        assert_eq!(spoken("Überprüfung"), "Uberprufung");
        assert_eq!(spoken("Статус заказа"), "Status zakaza");
    }

    #[test]
    fn nothing_is_left_of_signs_alone() {
        for text in ["", "?!", "…", "—", "_", "'"] {
            assert!(words(text).is_empty(), "{text}");
        }
    }
}
