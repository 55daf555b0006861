//! Reads the text format 0.0.4 of Prometheus, strictly.

use std::collections::{BTreeMap, BTreeSet};

use reqwest::Response;

/// Samples by name and labels, such as `orders{status="stuck"}`; labels are sorted.
#[derive(Debug)]
pub struct Figures(BTreeMap<String, f64>);

impl Figures {
    /// Reads an answer of `/metrics`.
    pub async fn of(answer: Response) -> Self {
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["content-type"], "text/plain; version=0.0.4; charset=utf-8");
        Self::parse(&answer.text().await.unwrap())
    }

    /// The value of a sample, 0 if there is none.
    pub fn get(&self, sample: &str) -> f64 {
        self.0.get(sample).copied().unwrap_or_default()
    }

    /// The values of a label of all samples with this name.
    #[allow(dead_code, reason = "each test uses a part of it")]
    pub fn values(&self, name: &str, label: &str) -> BTreeSet<&str> {
        self.series(name).iter().filter_map(|labels| labels.get(label).copied()).collect()
    }

    /// The labels of all samples with this name.
    #[allow(dead_code, reason = "each test uses a part of it")]
    pub fn series(&self, name: &str) -> Vec<BTreeMap<&str, &str>> {
        let samples = self.0.keys().filter_map(|sample| sample.strip_prefix(name)?.strip_prefix('{'));
        let labels = samples.map(|labels| split(labels.trim_end_matches('}')));
        let pairs = labels.map(|labels| labels.into_iter().filter_map(|label| label.split_once('=')));
        pairs.map(|pairs| pairs.map(|(label, value)| (label, value.trim_matches('"'))).collect()).collect()
    }

    fn parse(text: &str) -> Self {
        assert!(text.ends_with('\n'), "{text}");
        let (mut kinds, mut samples) = (BTreeMap::new(), BTreeMap::new());
        for line in text.lines() {
            if let Some(comment) = line.strip_prefix("# ") {
                let (what, rest) = comment.split_once(' ').unwrap();
                let (name, said) = rest.split_once(' ').unwrap();
                assert!(is_name(name) && !said.is_empty(), "{line}");
                if what == "TYPE" {
                    assert!(matches!(said, "counter" | "gauge" | "histogram"), "{line}");
                    assert_eq!(said == "counter", name.ends_with("_total"), "{line}");
                    assert!(kinds.insert(name.to_owned(), said.to_owned()).is_none(), "twice: {line}");
                } else {
                    assert_eq!(what, "HELP", "{line}");
                }
                continue;
            }
            let (series, value) = line.rsplit_once(' ').unwrap();
            let (name, labels) = match series.split_once('{') {
                Some((name, labels)) => (name, labels.strip_suffix('}').unwrap()),
                None => (series, ""),
            };
            let family = ["_bucket", "_sum", "_count"].iter().find_map(|suffix| name.strip_suffix(suffix));
            let is_histogram =
                family.is_some_and(|family| kinds.get(family).is_some_and(|kind| kind == "histogram"));
            assert!(is_name(name) && (is_histogram || kinds.contains_key(name)), "no type before: {line}");
            let mut labels: Vec<_> = split(labels);
            labels.sort_unstable();
            let names: BTreeSet<_> = labels.iter().map(|label| label.split_once("=\"").unwrap().0).collect();
            assert!(names.len() == labels.len() && names.iter().all(|name| is_name(name)), "{line}");
            let series =
                if labels.is_empty() { name.to_owned() } else { format!("{name}{{{}}}", labels.join(",")) };
            let value: f64 = value.parse().unwrap();
            assert!(samples.insert(series, value).is_none(), "twice: {line}");
        }
        let figures = Self(samples);
        for name in kinds.iter().filter(|(_, kind)| *kind == "histogram").map(|(name, _)| name) {
            figures.check_histogram(name);
        }
        figures
    }

    /// The last bucket has all observations.
    fn check_histogram(&self, name: &str) {
        let counts = self.0.iter().filter(|(series, _)| series.starts_with(&format!("{name}_count")));
        for (series, count) in counts {
            let labels = series.trim_start_matches(&format!("{name}_count"));
            let with = labels.trim_start_matches('{').trim_end_matches('}');
            let mut all: Vec<_> = split(with);
            all.push("le=\"+Inf\"");
            all.sort_unstable();
            assert_eq!(self.get(&format!("{name}_bucket{{{}}}", all.join(","))), *count, "{series}");
        }
    }
}

fn is_name(name: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_';
    name.bytes().next().is_some_and(is_letter)
        && name.bytes().all(|byte| is_letter(byte) || byte.is_ascii_digit())
}

/// The labels between commas that are in no value.
fn split(labels: &str) -> Vec<&str> {
    let (mut found, mut rest) = (Vec::new(), labels);
    while !rest.is_empty() {
        let value = rest.find("=\"").unwrap() + 2;
        let mut end = value;
        while rest.as_bytes()[end] != b'"' {
            end += if rest.as_bytes()[end] == b'\\' { 2 } else { 1 };
        }
        let (label, after) = rest.split_at(end + 1);
        found.push(label);
        rest = after.strip_prefix(',').unwrap_or(after);
    }
    found
}
