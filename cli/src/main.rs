//! The program `flowgen`: a thin front end for `flowgen-codegen` and `flowgen-templates`.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod args;
mod command;
mod crate_name;
mod dependency;
mod exit;
mod failure;
mod input;
mod markdown;
mod nearest;
mod outline;
mod report;
mod workspace;
mod write;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let args = args::Args::parse();
    match command::run(args.command) {
        Ok(status) => status.into(),
        Err(failure) => {
            failure.print();
            exit::USAGE.into()
        }
    }
}
