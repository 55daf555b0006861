//! The command line; see `--help`.

use std::process::ExitCode;

use clap::Parser as _;

use ab_test::command::Arguments;

#[tokio::main]
async fn main() -> ExitCode {
    match Arguments::parse().run().await {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}
