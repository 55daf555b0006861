//! The program `flowgen`: a thin front end for `flowgen-codegen` and `flowgen-templates`.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod args;
mod checkout;
mod command;
mod crate_name;
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
        Ok(verdict) => verdict.into(),
        Err(failure) => {
            failure.print();
            exit::USAGE.into()
        }
    }
}
