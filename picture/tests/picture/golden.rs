//! Pictures that were reviewed.
//!
//! To write them anew: `FLOWGEN_BLESS=1 cargo test -p flowgen-picture`, and look at them.

use std::fs;
use std::path::Path;

use crate::shown::picture;

#[track_caller]
fn expect_golden(name: &str) {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let drawing = fs::read_to_string(here.join(format!("../tests/drawings/{name}.fz"))).unwrap();
    let path = here.join(format!("tests/picture/golden/{name}.svg"));
    let svg = picture(&drawing);
    if std::env::var_os("FLOWGEN_BLESS").is_some() {
        fs::write(&path, &svg).unwrap();
    }
    assert!(
        fs::read_to_string(&path).is_ok_and(|golden| golden == svg),
        "{} is another picture",
        path.display()
    );
}

#[test]
fn compensations_in_two_lanes() {
    expect_golden("undo");
}

#[test]
fn asynchronous_messages() {
    expect_golden("messages");
}

#[test]
fn loops_that_are_drawn_and_implied() {
    expect_golden("loops");
}
