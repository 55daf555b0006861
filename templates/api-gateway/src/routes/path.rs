//! Paths: which are safe to hand on, and how one is made of another.

use std::borrow::Cow;

/// May this path be handed on?
///
/// Whether `/a/../b` is `/b`, or `%2F` a slash, is for each server to say. A path that two of them may
/// read in two ways could pass a check here and mean something else there, so it goes to none.
pub(crate) fn is_safe(path: &str) -> bool {
    path.starts_with('/') && !path.contains('\\') && path.split('/').skip(1).all(is_safe_segment)
}

fn is_safe_segment(segment: &str) -> bool {
    let Some(plain) = decoded(segment) else { return false };
    // Some servers take what follows `;` for parameters, and what is before it for the segment.
    let name = plain.split(|&byte| byte == b';').next().unwrap_or_default();
    name != b"." && name != b".."
}

/// A segment with what is written as `%2e` in it; `None` where that is what no segment may hold.
fn decoded(segment: &str) -> Option<Cow<'_, [u8]>> {
    if !segment.contains('%') {
        return Some(segment.as_bytes().into());
    }
    let mut plain = Vec::with_capacity(segment.len());
    let mut bytes = segment.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            plain.push(byte);
            continue;
        }
        let mut digit = || bytes.next().and_then(|byte| char::from(byte).to_digit(16));
        match u8::try_from(digit()? * 16 + digit()?) {
            Ok(b'/' | b'\\' | b'%' | 0..=31 | 127) | Err(_) => return None,
            Ok(byte) => plain.push(byte),
        }
    }
    Some(plain.into())
}

/// A path with places to be filled in: `/products/{id}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Template(Vec<Piece>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Place(String),
}

impl Template {
    /// Reads a template. A brace that does not close is text.
    pub(crate) fn new(text: &str) -> Self {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let Some((name, behind)) = after.split_once('}') else { break };
            pieces.push(Piece::Text(before.to_owned()));
            pieces.push(Piece::Place(name.trim_start_matches('*').to_owned()));
            rest = behind;
        }
        pieces.push(Piece::Text(rest.to_owned()));
        Self(pieces)
    }

    /// The names of its places.
    pub(crate) fn places(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Place(name) => Some(&**name),
            Piece::Text(_) => None,
        })
    }

    /// The path with its places filled in.
    pub(crate) fn fill(&self, values: &[(String, String)]) -> String {
        let value =
            |wanted: &str| values.iter().find(|(name, _)| name == wanted).map_or("", |(_, value)| value);
        self.0
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) => &**text,
                Piece::Place(name) => value(name),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop, proptest};

    use super::*;

    #[test]
    fn plain_paths_are_safe() {
        for path in ["/", "/products/7", "/a//b/", "/caf%C3%A9", "/a.b/..c/...", "/a;b=.."] {
            assert!(is_safe(path), "{path}");
        }
    }

    #[test]
    fn what_servers_read_differently_is_not() {
        for path in [
            "",
            "*",
            "a",
            "/..",
            "/a/../b",
            "/a/./b",
            "/%2e%2E/b",
            "/.%2e",
            "/a%2fb",
            "/a%5Cb",
            "/a\\b",
            "/a%00",
            "/%",
            "/%4",
            "/%zz",
            "/%252e",
            "/..;/b",
            "/%2e%2e;x/b",
        ] {
            assert!(!is_safe(path), "{path}");
        }
    }

    #[test]
    fn templates_are_filled_in() {
        let template = Template::new("/a/{id}/b/{*rest}");
        assert_eq!(template.places().collect::<Vec<_>>(), ["id", "rest"]);
        let values = [("rest".to_owned(), "x/y".to_owned()), ("id".to_owned(), "7".to_owned())];
        assert_eq!(template.fill(&values), "/a/7/b/x/y");
        assert_eq!(Template::new("/a/{id").fill(&values), "/a/{id");
    }

    proptest! {
        /// What passes has no dot segment, however often it is decoded.
        #[test]
        fn no_dot_segment_passes(path in prop::collection::vec(
            prop::sample::select(vec!["/", ".", "%2e", "%2E", "%2f", "%25", "a", ";", "\\"]), 0..12,
        )) {
            let path = path.concat();
            if is_safe(&path) {
                let decoded = path.to_lowercase().replace("%2e", ".");
                assert!(decoded.split('/').all(|part| !matches!(part.split(';').next(), Some("." | ".."))));
                assert!(!path.to_lowercase().contains("%2f"));
            }
        }
    }
}
