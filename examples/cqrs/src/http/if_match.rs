//! The header `If-Match`, defined in section 13.1.1 of RFC 9110.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};

use crate::domain::Seen;
use crate::service::problem::Problem;

/// The versions that the caller has seen, if the header is set. Several lines of the header are one list.
pub(super) fn seen(headers: &HeaderMap) -> Result<Option<Seen>, Problem> {
    let lines: Vec<&[u8]> = headers.get_all(header::IF_MATCH).iter().map(HeaderValue::as_bytes).collect();
    if lines.is_empty() {
        return Ok(None);
    }
    parse(&lines.join(&b", "[..])).map(Some).ok_or_else(|| {
        let why =
            "the header `If-Match` has to be `*` or a list of entity tags, such as `\"7\"` or `\"7\", \"8\"`";
        Problem::new(StatusCode::BAD_REQUEST, why)
    })
}

/// Parses `*` or a comma-separated list of entity tags. Empty list members are allowed, by section 5.6.1.2.
fn parse(value: &[u8]) -> Option<Seen> {
    let mut rest = value.trim_ascii();
    if rest == b"*" {
        return Some(Seen::Opened);
    }
    let (mut versions, mut is_empty) = (Vec::new(), true);
    loop {
        rest = rest.trim_ascii_start();
        if let Some(after) = rest.strip_prefix(b",") {
            rest = after;
            continue;
        }
        if rest.is_empty() {
            return (!is_empty).then_some(Seen::Versions(versions));
        }
        let strong = rest.strip_prefix(b"W/").unwrap_or(rest);
        let is_weak = strong.len() < rest.len();
        let opened = strong.strip_prefix(b"\"")?;
        let (tag, after) = opened.split_at_checked(opened.iter().position(|byte| *byte == b'"')?)?;
        if !tag.iter().all(|byte| matches!(byte, 0x21..=0x7e | 0x80..)) {
            return None;
        }
        is_empty = false;
        // The comparison is strong: weak tags, and tags that are not versions, match nothing.
        versions.extend(version(tag).filter(|_| !is_weak));
        rest = after.strip_prefix(b"\"")?.trim_ascii_start();
        if !rest.is_empty() && !rest.starts_with(b",") {
            return None;
        }
    }
}

/// The version with exactly this tag.
fn version(tag: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(tag).ok()?;
    text.parse::<i64>().ok().filter(|version| version.to_string() == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_read_as_the_standard_says() {
        let versions = |versions: &[i64]| Some(Seen::Versions(versions.to_vec()));
        let cases: [(&str, Option<Seen>); 22] = [
            ("*", Some(Seen::Opened)),
            (" * ", Some(Seen::Opened)),
            ("\"7\"", versions(&[7])),
            ("\"7\",\"8\"", versions(&[7, 8])),
            ("\"7\" ,\t\"8\" , ", versions(&[7, 8])),
            (", ,\"7\"", versions(&[7])),
            ("W/\"7\"", versions(&[])),
            ("W/\"7\", \"8\"", versions(&[8])),
            ("\"\"", versions(&[])),
            ("\"a,b\", \"7\"", versions(&[7])),
            ("\"07\"", versions(&[])),
            ("\"+7\"", versions(&[])),
            ("\"99999999999999999999\"", versions(&[])),
            ("", None),
            (",", None),
            ("7", None),
            ("\"7", None),
            ("\"7\" \"8\"", None),
            ("w/\"7\"", None),
            ("*, \"7\"", None),
            ("\"7\", *", None),
            ("\"a b\"", None),
        ];
        for (value, seen) in cases {
            assert_eq!(parse(value.as_bytes()), seen, "{value}");
        }
    }
}
