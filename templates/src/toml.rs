//! Strings in TOML.

use std::fmt::Write as _;

/// Returns a basic string of TOML, including quotes.
pub(crate) fn string(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => {
                // Writing to a string doesn't fail.
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::string;

    #[test]
    fn quotes_and_backslashes_are_escaped() {
        assert_eq!(string(r#"C:\my "flow""#), r#""C:\\my \"flow\"""#);
        assert_eq!(string("a\nb"), "\"a\\u000Ab\"");
    }
}
