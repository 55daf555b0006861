//! Paths: normalizes the path of a request, and creates paths from templates.

use std::borrow::Cow;

use serde::Deserialize;

/// How request paths are compared with route paths. In the file: `[paths]`.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Matching {
    /// Whether `/A` and `/a` are different.
    pub(crate) case_sensitive: bool,
    /// Whether `/a/` and `/a` are different.
    pub(crate) strict_trailing_slash: bool,
}

impl Matching {
    /// The form of a decoded path used to look up routes. It has the same bytes at the same offsets, except for
    /// their case and a trailing slash.
    pub(crate) fn key<'p>(&self, decoded: &'p str) -> Cow<'p, str> {
        let path = match decoded.strip_suffix('/') {
            Some(before) if !self.strict_trailing_slash && !before.is_empty() => before,
            _ => decoded,
        };
        if self.case_sensitive || !path.bytes().any(|byte| byte.is_ascii_uppercase()) {
            path.into()
        } else {
            path.to_ascii_lowercase().into()
        }
    }
}

/// The path of a request in its normal form (RFC 3986, section 6.2.2).
///
/// Servers interpret escapes, empty segments and dot segments differently. If a route is selected by one
/// interpretation and a backend uses another, a protected resource is reachable by a public route. An ambiguous
/// path is therefore either normalized and forwarded in this form, or refused.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NormalPath<'p> {
    /// The path for a backend: letters, digits and `-._~` are not escaped, and escapes have uppercase digits.
    pub(crate) forwarded: Cow<'p, str>,
    /// The path with all escapes decoded. No segment contains an escaped slash, and only the last one can be
    /// empty.
    pub(crate) decoded: Cow<'p, str>,
}

/// Error from normalizing a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PathError {
    #[error("the path has to begin with `/`")]
    NotAbsolute,
    #[error("the path holds a `\\`, which some servers read as `/`")]
    Backslash,
    #[error("the path has an empty segment: write `/` once")]
    EmptySegment,
    #[error("the path has a `.` or `..` segment")]
    DotSegment,
    #[error("the path has a `%` that two hexadecimal digits do not follow")]
    BrokenEscape,
    #[error("the path has an escaped slash, backslash, percent sign or control character")]
    ForbiddenEscape,
    #[error("the path has escapes that are not UTF-8")]
    NotUtf8,
}

/// Normalizes a path.
pub(crate) fn normalize(path: &str) -> Result<NormalPath<'_>, PathError> {
    let normal = if path.bytes().any(|byte| byte == b'%' || !byte.is_ascii()) {
        let (forwarded, decoded) = decode(path)?;
        NormalPath { forwarded: forwarded.into(), decoded: decoded.into() }
    } else {
        NormalPath { forwarded: path.into(), decoded: path.into() }
    };
    let segments = normal.decoded.strip_prefix('/').ok_or(PathError::NotAbsolute)?;
    if segments.contains('\\') {
        return Err(PathError::Backslash);
    }
    let mut segments = segments.split('/').peekable();
    while let Some(segment) = segments.next() {
        if segment.is_empty() && segments.peek().is_some() {
            return Err(PathError::EmptySegment);
        }
        if matches!(without_parameters(segment), "." | "..") {
            return Err(PathError::DotSegment);
        }
    }
    Ok(normal)
}

impl NormalPath<'_> {
    /// The path as seen by servers that treat the part after `;` in a segment as parameters. `None` if it is the
    /// same.
    pub(crate) fn decoded_without_parameters(&self) -> Option<String> {
        self.decoded.contains(';').then(|| {
            let segments: Vec<&str> = self.decoded.split('/').map(without_parameters).collect();
            segments.join("/")
        })
    }
}

fn without_parameters(segment: &str) -> &str {
    segment.split(';').next().unwrap_or_default()
}

/// The path with only the required escapes, and the path without escapes.
fn decode(path: &str) -> Result<(String, String), PathError> {
    let mut forwarded = String::with_capacity(path.len());
    let mut decoded = Vec::with_capacity(path.len());
    let mut bytes = path.bytes();
    while let Some(byte) = bytes.next() {
        let byte = match byte {
            b'%' => {
                let mut digit = || bytes.next().and_then(|byte| char::from(byte).to_digit(16));
                let (Some(high), Some(low)) = (digit(), digit()) else { return Err(PathError::BrokenEscape) };
                match u8::try_from(high * 16 + low) {
                    Ok(b'/' | b'\\' | b'%' | 0..=31 | 127) | Err(_) => {
                        return Err(PathError::ForbiddenEscape);
                    }
                    Ok(byte) => {
                        push(&mut forwarded, byte, is_unreserved(byte));
                        byte
                    }
                }
            }
            byte => {
                push(&mut forwarded, byte, byte.is_ascii());
                byte
            }
        };
        decoded.push(byte);
    }
    let decoded = String::from_utf8(decoded).map_err(|_| PathError::NotUtf8)?;
    Ok((forwarded, decoded))
}

fn push(text: &mut String, byte: u8, is_plain: bool) {
    if is_plain {
        text.push(char::from(byte));
    } else {
        text.push('%');
        for digit in [byte >> 4, byte & 15] {
            text.extend(char::from_digit(digit.into(), 16).map(|digit| digit.to_ascii_uppercase()));
        }
    }
}

/// Characters that mean the same with and without an escape (RFC 3986, section 2.3).
fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

/// Characters that a path may contain without an escape (RFC 3986, section 3.3). A `;` in a value stays escaped,
/// since it would begin parameters.
fn is_plain_in_values(byte: u8) -> bool {
    is_unreserved(byte) || b"!$&'()*+,=:@".contains(&byte)
}

/// A path with placeholders: `/products/{id}`, or `/products/{*rest}` for all paths below.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Template(Vec<Piece>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Placeholder { name: String, is_rest: bool },
}

/// Error from parsing a template.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TemplateError {
    #[error("has a `{{` or `}}` without the other")]
    Brace,
    #[error("has a `{0}`: queries and fragments belong to no path")]
    NoPath(char),
    #[error("has to begin with `/`")]
    NotAbsolute,
    #[error("would match no request: {0}")]
    Path(PathError),
    #[error("would match no request as it is: write `{0}`")]
    NotNormal(String),
}

impl Template {
    /// Parses a template. Its text must be in the normal form of paths.
    pub(crate) fn parse(text: &str) -> Result<Self, TemplateError> {
        if let Some(stop) = text.chars().find(|c| matches!(c, '?' | '#')) {
            return Err(TemplateError::NoPath(stop));
        }
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, behind) = after.split_once('}').ok_or(TemplateError::Brace)?;
            if before.contains('}') || name.contains('{') {
                return Err(TemplateError::Brace);
            }
            let (name, is_rest) = name.strip_prefix('*').map_or((name, false), |name| (name, true));
            pieces.push(Piece::Text(before.to_owned()));
            pieces.push(Piece::Placeholder { name: name.to_owned(), is_rest });
            rest = behind;
        }
        if rest.contains('}') {
            return Err(TemplateError::Brace);
        }
        pieces.push(Piece::Text(rest.to_owned()));
        let template = Self(pieces);
        // One letter replaces each placeholder, since only the text between them is checked.
        let sample = template.render(|text| text.to_owned(), |_, _| "x".to_owned());
        let normal = normalize(&sample).map_err(|why| match why {
            PathError::NotAbsolute => TemplateError::NotAbsolute,
            why => TemplateError::Path(why),
        })?;
        if normal.forwarded != sample {
            let decoded =
                |text: &str| decode(text).map_or_else(|_| text.to_owned(), |(forwarded, _)| forwarded);
            return Err(TemplateError::NotNormal(template.render(decoded, written)));
        }
        Ok(template)
    }

    /// The names of the placeholders.
    pub(crate) fn placeholders(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Placeholder { name, .. } => Some(&**name),
            Piece::Text(_) => None,
        })
    }

    /// The pattern for `matchit`. Its text is decoded, as the paths of requests are.
    pub(crate) fn pattern(&self, matching: Matching) -> String {
        let text = |text: &str| {
            let decoded = decode(text).map_or_else(|_| text.to_owned(), |(_, decoded)| decoded);
            let text = decoded.replace('{', "{{").replace('}', "}}");
            if matching.case_sensitive { text } else { text.to_ascii_lowercase() }
        };
        let pattern = self.render(text, written);
        match pattern.strip_suffix('/') {
            Some(before) if !matching.strict_trailing_slash && !before.is_empty() => before.to_owned(),
            _ => pattern,
        }
    }

    /// The path with these decoded values.
    pub(crate) fn fill(&self, values: &[(String, String)]) -> String {
        self.render(
            |text| text.to_owned(),
            |wanted, is_rest| {
                let value = values.iter().find(|(name, _)| name == wanted).map_or("", |(_, value)| value);
                let mut path = String::with_capacity(value.len());
                for byte in value.bytes() {
                    push(&mut path, byte, is_plain_in_values(byte) || (is_rest && byte == b'/'));
                }
                path
            },
        )
    }

    fn render(&self, text: impl Fn(&str) -> String, placeholder: impl Fn(&str, bool) -> String) -> String {
        let piece = |piece: &Piece| match piece {
            Piece::Text(part) => text(part),
            Piece::Placeholder { name, is_rest } => placeholder(name, *is_rest),
        };
        self.0.iter().map(piece).collect()
    }
}

/// A placeholder in the syntax of templates.
fn written(name: &str, is_rest: bool) -> String {
    format!("{{{}{name}}}", if is_rest { "*" } else { "" })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop, proptest};

    use super::*;

    fn forwarded(path: &str) -> Result<String, PathError> {
        normalize(path).map(|normal| normal.forwarded.into_owned())
    }

    #[test]
    fn paths_are_forwarded_in_their_normal_form() {
        for (path, normal) in [
            ("/", "/"),
            ("/products/7", "/products/7"),
            ("/a/b/", "/a/b/"),
            ("/caf%c3%a9", "/caf%C3%A9"),
            ("/a.b/..c/...", "/a.b/..c/..."),
            ("/a;b=..", "/a;b=.."),
            ("/%61dm%69n/%7Euser", "/admin/~user"),
            ("/a%20b;c/%40me%3A", "/a%20b;c/%40me%3A"),
        ] {
            assert_eq!(forwarded(path).as_deref(), Ok(normal), "{path}");
        }
        assert_eq!(normalize("/a%20b/%40me").unwrap().decoded, "/a b/@me");
    }

    #[test]
    fn paths_with_several_readings_are_refused() {
        use PathError::{
            Backslash, BrokenEscape, DotSegment, EmptySegment, ForbiddenEscape, NotAbsolute, NotUtf8,
        };
        for (path, why) in [
            ("", NotAbsolute),
            ("*", NotAbsolute),
            ("a", NotAbsolute),
            ("/..", DotSegment),
            ("/a/../b", DotSegment),
            ("/a/./b", DotSegment),
            ("/%2e%2E/b", DotSegment),
            ("/.%2e", DotSegment),
            ("/..;/b", DotSegment),
            ("/%2e%2e;x/b", DotSegment),
            ("/%2e%2e%3bx/b", DotSegment),
            ("//a", EmptySegment),
            ("/a//b", EmptySegment),
            ("/a//", EmptySegment),
            ("/a%2fb", ForbiddenEscape),
            ("/a%5Cb", ForbiddenEscape),
            ("/a%00", ForbiddenEscape),
            ("/%252e", ForbiddenEscape),
            ("/a\\b", Backslash),
            ("/%", BrokenEscape),
            ("/%4", BrokenEscape),
            ("/%zz", BrokenEscape),
            ("/%c0%af", NotUtf8),
            ("/%ff", NotUtf8),
        ] {
            assert_eq!(forwarded(path), Err(why), "{path}");
        }
    }

    #[test]
    fn templates_are_filled_with_escaped_values() {
        let template = Template::parse("/a/{id}/b/{*rest}").unwrap();
        assert_eq!(template.placeholders().collect::<Vec<_>>(), ["id", "rest"]);
        let values = [("rest".to_owned(), "x/y z".to_owned()), ("id".to_owned(), "7/é;?".to_owned())];
        assert_eq!(template.fill(&values), "/a/7%2F%C3%A9%3B%3F/b/x/y%20z");
    }

    #[test]
    fn templates_that_match_no_request_are_refused() {
        for (text, why) in [
            ("x", "has to begin with `/`"),
            ("", "has to begin with `/`"),
            ("/a/../x", "would match no request: the path has a `.` or `..` segment"),
            ("/a//{id}", "would match no request: the path has an empty segment: write `/` once"),
            ("/%61/{id}", "would match no request as it is: write `/a/{id}`"),
            ("/caf%c3%a9/{*rest}", "would match no request as it is: write `/caf%C3%A9/{*rest}`"),
            ("/a?x=1", "has a `?`: queries and fragments belong to no path"),
            ("/{id", "has a `{` or `}` without the other"),
            ("/id}", "has a `{` or `}` without the other"),
        ] {
            assert_eq!(Template::parse(text).unwrap_err().to_string(), why, "{text}");
        }
    }

    #[test]
    fn case_and_a_trailing_slash_matter_only_on_request() {
        let loose = Matching::default();
        let strict = Matching { case_sensitive: true, strict_trailing_slash: true };
        let template = Template::parse("/Pub/Admin/").unwrap();
        assert_eq!(template.pattern(loose), loose.key("/pub/ADMIN"));
        assert_eq!(template.pattern(strict), "/Pub/Admin/");
        assert_eq!(strict.key("/Pub/Admin/"), "/Pub/Admin/");
        assert_eq!(loose.key("/"), "/");
    }

    const PIECES: &[&str] =
        &["/", ".", "%2e", "%2E", "%2f", "%25", "%61", "a", ";", "%3B", "\\", "%c3%a9", "é", "%C3", "~", "A"];

    proptest! {
        /// Normalizing is idempotent, and a path that passes means the same to a server that decodes first.
        #[test]
        fn the_normal_form_has_one_reading(path in prop::collection::vec(prop::sample::select(PIECES), 0..12)) {
            let path = format!("/{}", path.concat());
            if let Ok(normal) = normalize(&path) {
                let again = normalize(&normal.forwarded).unwrap();
                assert_eq!(again, NormalPath { forwarded: normal.forwarded.clone(), decoded: normal.decoded.clone() });
                let segments = normal.forwarded.split('/').count();
                assert_eq!(segments, normal.decoded.split('/').count(), "decoding adds no segment");
                assert!(!normal.decoded.contains("//") && !normal.decoded.contains('\\'));
                assert!(normal.decoded.split('/').all(|part| !matches!(without_parameters(part), "." | "..")));
            }
        }
    }
}
