//! Labels of alternatives, of which a run should follow only one: `Yes` and `No`, `in stock` and `out of stock`, `> 100` and
//! `<= 100`.

mod words;

use words::{COMPARISONS, CONDITIONS, NEGATIONS, NEGATIVE, OPPOSITES, OTHERWISE, POSITIVE, PREFIXES};

/// More labels of one node are not compared.
const MOST: usize = 16;

/// Two labels that are alternatives.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Alternatives {
    /// Their indices among all labels.
    pub(crate) pair: (usize, usize),
    /// Each of all labels excludes another one, so that a decision can have them all as outcomes.
    pub(crate) are_exclusive: bool,
}

/// Finds two labels that are alternatives.
pub(crate) fn find(labels: &[&str]) -> Option<Alternatives> {
    let read: Vec<Label> = labels.iter().take(MOST).map(|label| Label::new(label)).collect();
    let pairs = || (0..read.len()).flat_map(|a| (a + 1..read.len()).map(move |b| (a, b)));
    let pair = pairs().find(|&(a, b)| read[a].excludes(&read[b]) || read[a].is_conditional_like(&read[b]))?;
    let has_partner = |a: &Label| read.iter().any(|b| a.excludes(b));
    Some(Alternatives { pair, are_exclusive: read.len() == labels.len() && read.iter().all(has_partner) })
}

struct Label {
    text: String,
    words: Vec<String>,
    /// The words before the first sign that divides the text: `yes` of `Yes, ship it`.
    first: Vec<String>,
    /// `if gift`
    is_conditional: bool,
    /// `> 100`
    is_comparison: bool,
    /// `90%`
    is_share: bool,
}

impl Label {
    fn new(label: &str) -> Self {
        let text = label.trim().to_lowercase().replace(['\u{fe0f}', '\'', '’'], "");
        let dividers = [',', ':', ';', '(', '–', '—', '.', '!', '?', '/', '|'];
        let first = text.split(dividers).map(words_of).find(|words| !words.is_empty()).unwrap_or_default();
        let first = match text.split_once(" - ") {
            Some((first, _)) if !words_of(first).is_empty() => words_of(first),
            _ => first,
        };
        let words = words_of(&text);
        let (is_conditional, is_comparison) = (begins(&words, CONDITIONS), compares(&text));
        let share = text.trim_end_matches('%').trim();
        let is_share = text.ends_with('%') && share.parse::<f64>().is_ok();
        Self { text, words, first, is_conditional, is_comparison, is_share }
    }

    /// Does one assert and the other deny?
    fn excludes(&self, other: &Self) -> bool {
        let is_otherwise = |label: &Self| OTHERWISE.contains(&label.first.join(" ").as_str());
        self.text != other.text
            && (self.is_comparison && other.is_comparison
                || self.is_share && other.is_share
                || is_otherwise(self) != is_otherwise(other)
                || are_opposites(&self.text, &other.text)
                || differ_in_opposites(&self.first, &other.first)
                || differ_in_opposites(&self.words, &other.words))
    }

    /// Two conditions may both hold: `if gift` and `if express`.
    fn is_conditional_like(&self, other: &Self) -> bool {
        self.is_conditional && other.is_conditional
    }
}

fn words_of(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric() && !is_mark(c))
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Vowel signs of scripts such as Devanagari.
fn is_mark(c: char) -> bool {
    ('\u{900}'..'\u{e00}').contains(&c)
}

fn begins(words: &[String], phrases: &[&str]) -> bool {
    phrases.iter().any(|phrase| {
        words.len() > 1
            && words.iter().map(String::as_str).take(phrase.split(' ').count()).eq(phrase.split(' '))
    })
}

/// `> 100`, `amount <= 100`, `more than 100`, `18+`
fn compares(text: &str) -> bool {
    let signs = text.replace("->", "").replace("=>", "").replace("<-", "").replace("-->", "");
    let has_sign =
        signs.contains(['<', '>', '≤', '≥', '≠', '＜', '＞']) || signs.contains("!=") || signs.contains("==");
    let words = format!(" {} ", words_of(text).join(" "));
    let has_words = || COMPARISONS.iter().any(|phrase| words.contains(&format!(" {phrase} ")));
    let is_open = || text.ends_with('+') || text.ends_with("or more") || text.ends_with("or less");
    text.contains(|c: char| c.is_numeric()) && (has_sign || has_words() || is_open())
}

/// Do the labels say opposite things once the words that they share are taken off?
fn differ_in_opposites(a: &[String], b: &[String]) -> bool {
    let shared = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[shared..], &b[shared..]);
    let shared = a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count();
    let (a, b) = (a[..a.len() - shared].join(" "), b[..b.len() - shared].join(" "));
    are_opposites(&a, &b)
}

fn are_opposites(a: &str, b: &str) -> bool {
    let is_pair = |a: &str, b: &str| {
        POSITIVE.contains(&a) && NEGATIVE.contains(&b)
            || OPPOSITES.contains(&(a, b))
            || a.is_empty() && NEGATIONS.contains(&b)
            || denies(a, b)
    };
    is_pair(a, b) || is_pair(b, a)
}

/// `not paid`, `unpaid`, `doesn't exist` and `未付款` negate the text after the word or prefix.
fn denies(a: &str, b: &str) -> bool {
    const ENDINGS: &[&str] = &["ed", "le", "id", "nt", "ct", "ve", "al", "lete", "wn", "sh"];
    let is_denied = |negation: &str| {
        let rest = b.strip_prefix(negation).and_then(|rest| rest.strip_prefix(' '));
        rest.is_some_and(|rest| rest == a || a.strip_suffix('s') == Some(rest))
    };
    if a.contains(' ') || a.is_empty() {
        return false;
    }
    let takes_prefix =
        if a.is_ascii() { a.len() > 3 && ENDINGS.iter().any(|ending| a.ends_with(ending)) } else { true };
    NEGATIONS.iter().any(|negation| is_denied(negation))
        || takes_prefix && b.strip_suffix(a).is_some_and(|prefix| PREFIXES.contains(&prefix))
}

#[cfg(test)]
mod tests {
    use super::find;

    #[test]
    fn finds_labels_that_are_alternatives() {
        for labels in [
            &["Success", "Failure"][..],
            &["Yes", "No"],
            &["yes", "NO"],
            &["Y", "N"],
            &["Approved", "Rejected"],
            &["OK", "Error"],
            &["Valid", "Invalid"],
            &["True", "False"],
            &["Pass", "Fail"],
            &["Found", "Not found"],
            &["paid", "not paid"],
            &["Paid", "Unpaid"],
            &["In stock", "Out of stock"],
            &["in stock", "not in stock"],
            &["Customer exists", "Customer doesn't exist"],
            &["if paid", "else"],
            &["If gift", "Otherwise"],
            &["if gift", "if express"],
            &["> 100", "<= 100"],
            &["Amount > $100", "Amount ≤ $100"],
            &["more than 100", "100 or less"],
            &["under 18", "18+"],
            &["Payment approved", "Payment rejected"],
            &["Yes, ship it", "No, cancel"],
            &["OK: go on", "Failed: stop"],
            &["Yes - ship", "No - cancel"],
            &["Card", "PayPal", "Other"],
            &["90%", "10%"],
            &["Ja", "Nein"],
            &["Oui", "Non"],
            &["Sí", "No"],
            &["Sim", "Não"],
            &["Да", "Нет"],
            &["是", "否"],
            &["はい", "いいえ"],
            &["성공", "실패"],
            &["成功", "失败"],
            &["通过", "不通过"],
            &["已付款", "未已付款"],
            &["Genehmigt", "Abgelehnt"],
            &["Erfolg", "Fehler"],
            &["Approuvé", "Rejeté"],
            &["Éxito", "Error"],
            &["✓", "✗"],
            &["✅", "❌"],
            &["👍", "👎"],
            &["Notify", "Yes", "No"],
            &["Success", "Timeout"],
            &["Cache hit", "Cache miss"],
            &["High risk", "Low risk"],
            &["Known", "Unknown"],
            &["Success response", "Error response"],
            &["available", "unavailable"],
            &["complete", "incomplete"],
            &["New customer", "Existing customer"],
            &["Accept", "Decline"],
            &["Allow", "Deny"],
            &["हाँ", "नहीं"],
            &["bezahlt", "nicht bezahlt"],
            &["Ok!", "Not ok!"],
            &["(yes)", "(no)"],
        ] {
            assert!(find(labels).is_some(), "{labels:?}");
        }
    }

    #[test]
    fn finds_labels_that_exclude_each_other() {
        let are_exclusive = |labels: &[&str]| find(labels).is_some_and(|found| found.are_exclusive);
        assert!(are_exclusive(&["Success", "Failure", "Timeout"]));
        assert!(are_exclusive(&["Card", "PayPal", "Other"]));
        assert!(are_exclusive(&["if paid", "if not paid"]));
        assert!(!are_exclusive(&["Notify", "Yes", "No"]));
        assert!(!are_exclusive(&["if gift", "if express"]));
    }

    #[test]
    fn labels_of_messages_are_not_alternatives() {
        for labels in [
            &["Payment request", "Stock request"][..],
            &["Order", "Invoice"],
            &["Yes"],
            &["Failure"],
            &["Order paid", "Stock reserved"],
            &["Form", "Inform"],
            &["Port", "Import"],
            &["1", "2"],
            &["Confirmation", "Receipt"],
            &["Order -> Invoice", "Order -> Receipt 2"],
            &["Reserve 5 seats", "Charge 100"],
            &["Yes", "Yes"],
            &["A", "B"],
            &["Ask airline A", "Ask airline B"],
            &["Errors", "Metrics"],
            &["Success mail", "Error log"],
            &["ask", "task"],
            &["Act", "Contract"],
            &["", ""],
            &["?", "!"],
            &["Order approved", "Invoice rejected"],
            &["Cover 2", "Recover 3"],
            &["Version 2", "Version 3"],
            &["Order no. 5", "Order no. 6"],
            &["state", "estate"],
            &["Order details", "Customer details"],
            &["email", "mail"],
            &["line", "online"],
        ] {
            assert_eq!(find(labels), None, "{labels:?}");
        }
    }
}
