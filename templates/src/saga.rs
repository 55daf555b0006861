//! The pattern `saga`: `templates/saga/`.

use askama::Template;

use crate::{Crate, Error, File, Pattern};

pub(crate) const PATTERN: Pattern = Pattern {
    name: "saga",
    summary: "A distributed transaction over services, rolled back by compensations when a part fails",
    drawing: include_str!("../saga/flow/saga.fz"),
    files,
};

#[derive(Template)]
#[template(path = "saga/Cargo.toml.askama", escape = "none")]
struct Manifest<'a> {
    new: &'a Crate<'a>,
    pattern: &'a Pattern,
}

#[derive(Template)]
#[template(path = "saga/README.md.askama", escape = "none")]
struct Readme<'a> {
    new: &'a Crate<'a>,
    pattern: &'a Pattern,
}

#[derive(Template)]
#[template(path = "saga/src/lib.rs.askama", escape = "none")]
struct Lib<'a> {
    pattern: &'a Pattern,
}

fn files(new: &Crate<'_>) -> Result<Vec<File>, Error> {
    let pattern = &PATTERN;
    Ok(vec![
        File::new("Cargo.toml", Manifest { new, pattern }.render()?),
        File::new("README.md", Readme { new, pattern }.render()?),
        File::new(".gitignore", include_str!("../shared/gitignore")),
        File::new("flow/saga.fz", PATTERN.drawing),
        File::new("src/lib.rs", Lib { pattern }.render()?),
    ])
}
