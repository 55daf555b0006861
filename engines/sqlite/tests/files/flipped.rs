//! Bits of a file that change.
//!
//! | variable | sets |
//! |---|---|
//! | `FLOWGEN_CASES` | how many bits are changed, one in each file |
//! | `FLOWGEN_SEED` | which ones; it is printed |

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use flowgen_sqlite::{Error, ListRuns, Started};
use serde_json::Value;
use tempfile::TempDir;

use crate::change;
use crate::shop::{Order, Seller, open, try_open};

/// What is read of a file.
#[derive(Debug, Default)]
struct Read {
    /// Each run, as it is shown.
    shown: BTreeMap<String, Value>,
    /// Each run, as it is listed.
    listed: BTreeMap<String, Value>,
    /// How many go on.
    resumed: usize,
    /// What is said to be damaged when it is read.
    damaged: Vec<String>,
    /// What is said to be when the whole file is looked through.
    checked: Vec<String>,
}

fn ids() -> impl Iterator<Item = String> {
    (0..24).map(|run| format!("run-{run}"))
}

/// A file that has everything in it, and what it holds.
async fn file(folder: &Path) {
    let seller = Seller::new();
    let runs = open(folder, &seller).await;
    for (at, id) in ids().enumerate() {
        let order = match at % 4 {
            0 => Order::waiting(&["n3"]),
            1 => Order::faulty(&["n3", "n5"]),
            2 => Order::faulty(&["n3"]),
            _ => Order::default(),
        };
        let _ = runs.start(id.as_str(), order).await.unwrap();
        if at % 4 == 0 {
            seller.begins(&format!("{id}/n3/1 #1")).await;
        } else {
            let _ = runs.outcome(&id).await.unwrap();
        }
    }
    assert!(runs.cancel("run-0").await.unwrap());
    runs.shutdown(Duration::ZERO).await;
    // Paths that are not as short as they are here have a table of their own.
    let apart = r#"INSERT INTO path (run, first, walked)
            SELECT seq, 0, '[[0,1,"Passed"],[1,1]]' FROM runs WHERE status = 5;
        UPDATE runs SET first = 2, walked = '[[2,1],[3,1,"Passed"]]' WHERE status = 5;"#;
    change(folder, apart);
}

async fn read(folder: &Path) -> Result<Read, Error> {
    let seller = Seller::new();
    let runs = try_open(folder, &seller).await?;
    let mut read = Read::default();
    let mut note = |error: Error| match error {
        // That is not said of a run that there is, but where its index is damaged.
        Error::Unknown { .. } => {}
        error => read.damaged.push(error.to_string()),
    };
    for id in ids() {
        match runs.show(&id).await {
            Ok(shown) => drop(read.shown.insert(id, serde_json::to_value(shown).unwrap())),
            Err(error) => note(error),
        }
    }
    match runs.list(ListRuns::all().limit(1000)).await {
        Ok(list) => {
            for summary in list {
                if let Some(reason) = summary.refused {
                    note(Error::DamagedFile { found: reason });
                    continue;
                }
                read.listed.insert(summary.run.clone(), serde_json::to_value(summary).unwrap());
            }
        }
        Err(error) => note(error),
    }
    match runs.check().await {
        Ok(found) => read.checked.extend(found.iter().map(ToString::to_string)),
        Err(error) => read.checked.push(error.to_string()),
    }
    match runs.resume().await {
        Ok(resumed) => {
            read.resumed = resumed.runs;
            resumed.refused.into_iter().for_each(&mut note);
        }
        Err(error) => note(error),
    }
    for id in ids() {
        match runs.start(id.as_str(), Order::default()).await {
            Ok(Started::Existing) => {}
            Ok(Started::New) => drop(read.shown.remove(&id)),
            Err(error) => note(error),
        }
    }
    runs.shutdown(Duration::ZERO).await;
    Ok(read)
}

/// How a changed bit was found, if it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    AtTheOpening,
    WhenRead,
    /// Only when the whole file was looked through: an index has lost a run.
    WhenChecked,
    Harmless,
}

/// What a changed bit did. No value that is read may be another one.
fn judge(read: Result<Read, Error>, sound: &Read) -> Result<Found, String> {
    let Ok(read) = read else { return Ok(Found::AtTheOpening) };
    for (is, was) in [(&read.shown, &sound.shown), (&read.listed, &sound.listed)] {
        for (id, value) in is {
            match was.get(id) {
                Some(before) if before == value => {}
                Some(before) => return Err(format!("{id} was {before} and is {value}")),
                None => return Err(format!("there was no {id}")),
            }
        }
    }
    let is_whole = read.shown.len() == sound.shown.len()
        && read.listed.len() == sound.listed.len()
        && read.resumed == sound.resumed;
    match (is_whole, read.damaged.is_empty(), read.checked.is_empty()) {
        (_, false, _) => Ok(Found::WhenRead),
        (true, true, _) => Ok(Found::Harmless),
        (false, true, false) => Ok(Found::WhenChecked),
        (false, true, true) => Err(format!("something is lost: {read:?}")),
    }
}

/// Flips one bit of the file in a folder of its own, and reads that.
async fn flipped(bytes: &[u8], bit: usize) -> Result<Read, Error> {
    let folder = TempDir::new().unwrap();
    let mut bytes = bytes.to_owned();
    bytes[bit / 8] ^= 1 << (bit % 8);
    fs::write(folder.path().join("runs.db"), bytes).unwrap();
    read(folder.path()).await
}

fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).map_or(default, |text| text.parse().expect("a number"))
}

#[tokio::test]
async fn a_bit_that_changes_changes_no_value_that_is_read() {
    let (cases, mut seed) = (number("FLOWGEN_CASES", 100), number("FLOWGEN_SEED", 1));
    println!("FLOWGEN_CASES={cases} FLOWGEN_SEED={seed}");
    let folder = TempDir::new().unwrap();
    file(folder.path()).await;
    let bytes = fs::read(folder.path().join("runs.db")).unwrap();
    // The file as it is, in a folder of its own.
    let sound = flipped(&bytes, 0).await;
    assert!(sound.is_err(), "the first bit says that it is a database");
    let whole = TempDir::new().unwrap();
    fs::write(whole.path().join("runs.db"), &bytes).unwrap();
    let sound = read(whole.path()).await.unwrap();
    assert_eq!((sound.shown.len(), sound.listed.len(), sound.resumed), (24, 24, 6), "{sound:?}");
    assert_eq!((&sound.damaged[..], &sound.checked[..]), (&[][..], &[][..]));
    let mut found = Vec::new();
    for _ in 0..cases {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let bit = usize::try_from(seed >> 20).unwrap() % (bytes.len() * 8);
        let what = judge(flipped(&bytes, bit).await, &sound);
        let what = what.unwrap_or_else(|broken| panic!("bit {} of byte {}: {broken}", bit % 8, bit / 8));
        found.push(what);
    }
    let count = |what| found.iter().filter(|found| **found == what).count();
    let counts = [Found::AtTheOpening, Found::WhenRead, Found::WhenChecked, Found::Harmless].map(count);
    println!("at the opening, when read, when checked, harmless: {counts:?} of {} bytes", bytes.len());
    assert!(counts[1] > 0, "none of them changed a row");
}

/// Each byte of what is saved of a run.
#[tokio::test]
async fn a_bit_that_changes_in_a_row_is_found_when_that_is_read() {
    let folder = TempDir::new().unwrap();
    file(folder.path()).await;
    let bytes = fs::read(folder.path().join("runs.db")).unwrap();
    let context = br#""done":["run-7/n2/1","run-7/n3/1"]"#;
    // The page where the tree begins may have a copy, in its free space.
    let at = bytes.windows(context.len()).rposition(|bytes| bytes == context).unwrap();
    for byte in (at..at + context.len()).step_by(3) {
        let read = flipped(&bytes, byte * 8 + byte % 7).await.unwrap();
        assert_eq!(read.shown.len(), 23);
        let message =
            "of table `runs` is damaged: its checksum does not match; take it from a backup, or delete it";
        let named = |said_of: &String| said_of.contains("(run `run-7`)") && said_of.contains(message);
        assert!(!read.damaged.is_empty() && read.damaged.iter().all(named), "{:?}", read.damaged);
        assert!(read.checked.iter().any(named), "{:?}", read.checked);
    }
}
