//! A large flow while it is worked on: a warm `cargo check` after its file was saved.

mod flow;
mod statig;

use anyhow::Result;

use crate::comparison::{self, FLOWGEN, Named, STATIG};
use crate::project::Project;
use crate::usage::{self, Usage};

const ROUNDS: usize = 11;
const STEPS: usize = 500;

pub(crate) fn measure() -> Result<()> {
    let crates: [Named; 3] = [
        ("`flow!`, 500 steps in 10 lanes", warm(FLOWGEN, &flow::main(STEPS))?),
        ("statig 0.4, 500 states", warm(STATIG, &statig::main(STEPS))?),
        ("an empty `main`", warm("", "fn main() {}\n")?),
    ];
    let table = comparison::table(ROUNDS, &crates, touched_check)?;
    println!("\nsteps: warm `cargo check`, {ROUNDS} rounds\n\n{table}");
    Ok(())
}

fn warm(dependency: &str, main: &str) -> Result<Project> {
    let project = Project::new(dependency, main)?;
    usage::of(&mut project.check())?;
    Ok(project)
}

fn touched_check(project: &Project) -> Result<Usage> {
    project.touch()?;
    usage::of(&mut project.check())
}
