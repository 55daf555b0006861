//! The pattern `saga`: `templates/saga/`.

use askama::Template;

use crate::{Crate, Error, File, Pattern};

pub(crate) const PATTERN: Pattern = Pattern {
    name: "saga",
    summary: "A distributed transaction over services, rolled back by compensations when a part fails",
    drawing: include_str!("../saga/flow/saga.fz"),
    files,
};

/// What is filled in.
struct Filling<'a> {
    new: &'a Crate<'a>,
    pattern: &'a Pattern,
}

/// A file of the crate that has something to be filled in.
macro_rules! template {
    ($name:ident, $path:literal) => {
        #[derive(Template)]
        #[template(path = $path, escape = "none")]
        struct $name<'a> {
            of: &'a Filling<'a>,
        }
    };
}

template!(Manifest, "saga/Cargo.toml.askama");
template!(Readme, "saga/README.md.askama");
template!(Lib, "saga/src/lib.rs.askama");
template!(Main, "saga/src/main.rs.askama");
template!(Branches, "saga/tests/branches.rs.askama");
template!(Faults, "saga/tests/faults.rs.askama");
template!(Faulty, "saga/tests/faulty/mod.rs.askama");

/// The files that are the same in every crate.
const FIXED: &[(&str, &str)] = &[
    (".gitignore", include_str!("../shared/gitignore")),
    ("rustfmt.toml", include_str!("../shared/rustfmt.toml")),
    ("flow/saga.fz", PATTERN.drawing),
    ("src/order.rs", include_str!("../saga/src/order.rs")),
    ("src/lanes/mod.rs", include_str!("../saga/src/lanes/mod.rs")),
    ("src/lanes/orchestrator.rs", include_str!("../saga/src/lanes/orchestrator.rs")),
    ("src/lanes/order_service.rs", include_str!("../saga/src/lanes/order_service.rs")),
    ("src/lanes/payment_service.rs", include_str!("../saga/src/lanes/payment_service.rs")),
    ("src/lanes/register.rs", include_str!("../saga/src/lanes/register.rs")),
    ("src/lanes/shipping_service.rs", include_str!("../saga/src/lanes/shipping_service.rs")),
];

fn files(new: &Crate<'_>) -> Result<Vec<File>, Error> {
    let of = &Filling { new, pattern: &PATTERN };
    let filled = [
        ("Cargo.toml", Manifest { of }.render()?),
        ("README.md", Readme { of }.render()?),
        ("src/lib.rs", Lib { of }.render()?),
        ("src/main.rs", Main { of }.render()?),
        ("tests/branches.rs", Branches { of }.render()?),
        ("tests/faults.rs", Faults { of }.render()?),
        ("tests/faulty/mod.rs", Faulty { of }.render()?),
    ];
    let fixed = FIXED.iter().map(|(path, contents)| File::new(*path, contents));
    Ok(filled.into_iter().map(|(path, contents)| File::new(path, contents)).chain(fixed).collect())
}
