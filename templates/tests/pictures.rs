//! The picture beside the drawing of each pattern is what `flowgen render` writes.
//!
//! To draw them anew after a change of a drawing: `FLOWGEN_BLESS=1 cargo test -p flowgen-templates --test
//! pictures`, then the same with `--test copies`, and look at them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::path::Path;

use flowgen_templates::PATTERNS;

#[test]
fn pictures_are_up_to_date() {
    for pattern in PATTERNS {
        let path = format!("examples/{0}/flow/{0}.svg", pattern.name);
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(&path);
        let svg = flowgen_picture::svg(&flowgen_codegen::analyze(pattern.drawing));
        if std::env::var_os("FLOWGEN_BLESS").is_some() {
            fs::write(&file, &svg).unwrap();
        }
        let found = fs::read_to_string(&file).unwrap_or_default();
        assert!(found == svg, "{path} is not what `render` writes: bless it, and look at it");
    }
}
