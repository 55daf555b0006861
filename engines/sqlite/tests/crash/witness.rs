//! What can be seen from outside after a crash: the log of effects, and what the file says was done.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use flowgen::Node as _;
use flowgen::run::{PathEntry, VisitOutcome};
use rusqlite::Connection;

use crate::flow::orders::Node;

/// A line of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Line {
    Begin { key: String, attempt: u32 },
    End { key: String, result: String, undoes: Option<String> },
}

pub(crate) fn log(folder: &Path) -> Vec<Line> {
    let text = fs::read_to_string(folder.join("effects.log")).unwrap_or_default();
    assert!(text.is_empty() || text.ends_with('\n'), "a line is torn apart");
    text.lines().map(line).collect()
}

fn line(text: &str) -> Line {
    let words: Vec<&str> = text.split(' ').collect();
    match words[..] {
        ["begin", key, attempt] => Line::Begin { key: key.to_owned(), attempt: attempt.parse().unwrap() },
        ["end", key, result] => Line::End { key: key.to_owned(), result: result.to_owned(), undoes: None },
        ["end", key, result, undoes] => {
            Line::End { key: key.to_owned(), result: result.to_owned(), undoes: Some(undoes.to_owned()) }
        }
        _ => panic!("no line of the log: {text}"),
    }
}

/// The keys of the visits that are settled, as committed. Reads a copy, so that nothing is mended by looking.
pub(crate) fn settled(folder: &Path) -> BTreeSet<String> {
    let copy = tempfile::tempdir().unwrap();
    for name in ["runs.db", "runs.db-wal"] {
        let from = folder.join(name);
        if from.exists() {
            fs::copy(from, copy.path().join(name)).unwrap();
        }
    }
    let connection = Connection::open(copy.path().join("runs.db")).unwrap();
    let paths = "SELECT id, path.walked FROM path JOIN runs ON seq = run
        UNION ALL SELECT id, walked FROM runs WHERE walked <> ''";
    let Ok(mut sql) = connection.prepare(paths) else {
        // It was killed before the file was set up.
        return BTreeSet::new();
    };
    let rows = sql.query_map((), |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    let rows: Vec<(String, String)> = rows.map(Result::unwrap).collect();
    rows.iter()
        .flat_map(|(run, path)| keys(run, &serde_json::from_str::<Vec<PathEntry>>(path).unwrap()))
        .collect()
}

/// The keys of what was done on a path. Decisions act on nothing, and are not in the log; what is in doubt may
/// not have ended.
pub(crate) fn keys(run: &str, path: &[PathEntry]) -> Vec<String> {
    let acted = path.iter().filter(|entry| {
        let is_decision = matches!(Node::ALL[entry.node as usize], Node::CarrierFound | Node::Taken);
        entry.visit > 0
            && !matches!(entry.outcome, VisitOutcome::Passed | VisitOutcome::InDoubt)
            && !is_decision
    });
    let key =
        |entry: &PathEntry| format!("{run}/{}/{}", Node::PLAN.nodes[entry.node as usize].id, entry.visit);
    acted.map(key).collect()
}
