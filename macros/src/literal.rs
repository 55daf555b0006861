//! The value of a string literal.
//!
//! `syn` could evaluate it, but would cost every user more compile time than all other dependencies of the
//! macro together.

use std::str::Chars;

/// The value of a string literal, as written in the source; `None` for any other literal.
pub(crate) fn string(source: &str) -> Option<String> {
    if let Some(raw) = source.strip_prefix('r') {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        let quoted = raw.get(hashes..raw.len().checked_sub(hashes)?)?;
        return Some(quoted.strip_prefix('"')?.strip_suffix('"')?.to_owned());
    }
    unescaped(source.strip_prefix('"')?.strip_suffix('"')?)
}

/// Resolves the escapes that the Rust reference lists for string literals.
fn unescaped(escaped: &str) -> Option<String> {
    let mut value = String::with_capacity(escaped.len());
    let mut chars = escaped.chars();
    while let Some(char) = chars.next() {
        if char != '\\' {
            value.push(char);
            continue;
        }
        match chars.next()? {
            'n' => value.push('\n'),
            'r' => value.push('\r'),
            't' => value.push('\t'),
            '0' => value.push('\0'),
            'x' => value.push(hexadecimal(&mut chars, 2)?),
            'u' => value.push(unicode(&mut chars)?),
            '\n' => chars = chars.as_str().trim_start_matches([' ', '\t', '\r', '\n']).chars(),
            itself @ ('\\' | '"' | '\'') => value.push(itself),
            _ => return None,
        }
    }
    Some(value)
}

/// `{1F600}`, after `\u`.
fn unicode(chars: &mut Chars<'_>) -> Option<char> {
    let (digits, rest) = chars.as_str().strip_prefix('{')?.split_once('}')?;
    *chars = rest.chars();
    char::from_u32(u32::from_str_radix(&digits.replace('_', ""), 16).ok()?)
}

fn hexadecimal(chars: &mut Chars<'_>, digits: usize) -> Option<char> {
    let text = chars.as_str().get(..digits)?;
    *chars = chars.as_str()[digits..].chars();
    char::from_u32(u32::from_str_radix(text, 16).ok()?)
}

#[cfg(test)]
mod tests {
    use super::string;

    /// The value according to `syn`.
    fn expected(source: &str) -> Option<String> {
        syn::parse_str::<syn::LitStr>(source).ok().map(|literal| literal.value())
    }

    #[test]
    fn values_are_those_that_syn_finds() {
        let sources = [
            r#""flow/saga.fz""#,
            r#""""#,
            "r#\"label:\"Start\"\"#",
            r#"r"C:\flow""#,
            r#""tab\t \"quote\" \\ \'  \x41\u{e9}\u{1F6_00} \0""#,
            "\"one \\\n      line\"",
            "\"two\nlines\"",
            "1",
            "'c'",
            "b\"bytes\"",
            "c\"c\"",
        ];
        for source in sources {
            assert_eq!(string(source), expected(source), "{source}");
        }
    }

    #[test]
    fn printed_literals_are_read_back() {
        for value in ["plain", "\"\\\n\r\t\0", "don’t — 注文 \u{202e}\u{7f}"] {
            let literal = proc_macro2::Literal::string(value).to_string();
            assert_eq!(string(&literal).as_deref(), Some(value), "{literal}");
        }
    }
}
