//! Crates that forbid lints, that shadow common names, or that do without the prelude.

use std::fmt::Write as _;

use flowgen_codegen::format::generate;
use flowgen_codegen::{Settings, Visibility};

use crate::drawings::{self, Drawing};
use crate::probe::{CHECKOUT, Probe};

/// Each module forbids these, so that no `allow` in it compiles.
const FORBIDDEN: [&str; 5] = [
    "warnings",
    "unused, nonstandard_style, rust_2018_idioms, let_underscore",
    "dead_code, unused_variables, unused_mut, unused_imports, unreachable_code",
    "unreachable_pub, missing_docs, unsafe_code, missing_debug_implementations, missing_copy_implementations, \
     unused_qualifications, unused_results, unused_lifetimes, unused_import_braces, single_use_lifetimes, \
     redundant_imports, redundant_lifetimes, trivial_casts, trivial_numeric_casts, let_underscore_drop, \
     unit_bindings, unnameable_types, elided_lifetimes_in_paths, explicit_outlives_requirements, \
     variant_size_differences, absolute_paths_not_starting_with_crate",
    "clippy::all, clippy::pedantic",
];

/// What a module may define beside the flow, or above it.
const SHADOWS: &str = r"
#![allow(unused)]

mod core {}
mod std {}
mod alloc {}
mod flowgen {}
struct Result;
struct Option;
struct String;
struct Box;
struct Vec;
struct Clone;
struct Debug;
struct Default;
trait Copy {}
trait Send {}
trait Sync {}
trait Sized {}
trait From {}
trait Future {}
enum Shadow { Some, None, Ok, Err }
use Shadow::*;
";

/// Drawings without warnings that have all kinds of nodes between them.
const DRAWINGS: [&str; 6] = ["bare", "doors", "forks", "outcomes", "typed", "undo"];

/// In a library: code in files is exported, and the flows of macros are in private modules.
#[test]
fn forbidden_lints_and_shadowed_names() {
    let mut probe = Probe::new("hostile", &format!("[dependencies]\nflowgen = {{ path = {CHECKOUT:?} }}\n"));
    let mut lib = "//! Flows.\n\n#![forbid(non_ascii_idents)]\n\n".to_owned();
    for name in DRAWINGS {
        let drawing = drawings::named(name);
        probe = drawing.with_files(probe);
        let mut around: Vec<String> = FORBIDDEN.map(|lints| format!("#![forbid({lints})]\n")).into();
        around.extend([SHADOWS.to_owned(), "#![no_implicit_prelude]\n".to_owned()]);
        if drawing.declaration.is_some() {
            // rustc checks a bound without a lifetime where it is written, so bounds on declared types have a
            // lifetime that they do not use.
            for around in &mut around {
                *around = around.replace("unused_lifetimes, ", "");
            }
        }
        for (at, around) in around.iter().enumerate() {
            let module = format!("{name}_{at}");
            probe = with_every_form(probe, &module, around, &drawing);
            writeln!(lib, "pub mod {module};").unwrap();
        }
    }
    let probe = probe.with("src/lib.rs", &lib);
    probe.cargo(["clippy", "--quiet", "--", "--deny", "warnings"]).well();
}

/// A module with the drawing in each form, each under these attributes and beside these items.
fn with_every_form(probe: Probe, module: &str, around: &str, drawing: &Drawing) -> Probe {
    let diagnostic_attributes = !around.contains("no_implicit_prelude");
    let written = drawing.written_with(&Settings { diagnostic_attributes, ..Settings::default() });
    let (name, text) = (&drawing.name, drawing.whole());
    let forms = format!(
        "//! A flow.
{around}
/// A flow.
pub mod written;
/// A flow.
pub mod included {{ {around} ::core::include!(\"{module}/written.rs\"); }}
mod file {{ {around} ::flowgen::flow!(\"flow/{name}.fz\"); }}
mod quoted {{ {around} ::flowgen::flow!(r###\"{text}\"###); }}
mod inline {{ {around} ::flowgen::flow! {{ {text} }} }}
"
    );
    probe.with(&format!("src/{module}/written.rs"), &written).with(&format!("src/{module}.rs"), &forms)
}

const PROGRAM: &str = r"#![forbid(dead_code, unused_variables, unreachable_pub, unused)]

mod drawing;

use drawing::shop::{Paid, Shop};
use flowgen::{Result, Visit};

struct Bookshop;

impl Shop<()> for Bookshop {
    async fn paid(&self, (): &(), _: &Visit) -> Result<Paid> {
        Ok(if true { Paid::Yes } else { Paid::No })
    }

    async fn send_book(&self, (): &mut (), _: &Visit) -> Result {
        Ok(())
    }
}

fn main() {
    drop(drawing::Flow { shop: Bookshop }.run(drawing::Start::Ordered, ()));
}
";

const DRAWING: &str = r#"Shop { # Shop
n1: circle label:"Ordered"
n2: diamond label:"Paid?"
n3: rectangle label:"Send book"
n4: circle label:"Sold"
n5: circle label:"Not sold"
n6: circle label:"Ordered by mail"
n1.handle(right) -> n2.handle(left)
n2.handle(right) -> n3.handle(left) [label="Yes"]
n2.handle(bottom) -> n5.handle(top) [label="No"]
n3.handle(right) -> n4.handle(left)
n6.handle(right) -> n2.handle(top)
}
"#;

/// A program that forbids dead code runs its flow in one way, from one of its starts.
#[test]
fn a_program_uses_only_a_part_of_a_flow() {
    let settings = Settings { visibility: Visibility::Crate, ..Settings::default() };
    let (code, _) = generate("flow/shop.fz", DRAWING, &settings).unwrap();
    let probe = Probe::new("program", &format!("[dependencies]\nflowgen = {{ path = {CHECKOUT:?} }}\n"))
        .with("src/main.rs", PROGRAM)
        .with("src/drawing.rs", &code);
    probe.cargo(["check", "--quiet"]).well();

    let macros = format!("mod drawing {{ flowgen::flow!(r###\"{DRAWING}\"###); }}");
    probe.write("src/main.rs", &PROGRAM.replace("mod drawing;", &macros));
    probe.cargo(["check", "--quiet"]).well();
}
