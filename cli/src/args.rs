//! The command line.

#[cfg(feature = "runs")]
mod runs;

use std::ffi::OsString;
use std::iter::repeat;
use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};
use flowgen_codegen::{Level, LevelError};

use crate::exit;
use crate::report::{Format, JSON_HELP};
#[cfg(feature = "runs")]
pub(crate) use runs::{RunCommand, Runs, RunsFormat, StuckStep};

/// Turns drawn workflows (FlowZap Code) into Rust that does not compile until the workflow is complete.
#[derive(Debug, Parser)]
#[command(name = "flowgen", version, max_term_width = 100, after_help = exit::HELP)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    New(New),
    Gen(Gen),
    Check(Check),
    Render(Render),
    Explain(Explain),
    /// List the built-in patterns
    #[command(after_help = "Examples:\n  flowgen list")]
    List,
    #[cfg(feature = "runs")]
    Runs(Runs),
    Completions(Completions),
}

/// Write a crate from a built-in pattern or from a drawing
///
/// The folder must be empty or must not exist. If writing fails, no file is left behind.
#[derive(Debug, clap::Args)]
#[command(
    override_usage = "flowgen new <PATTERN> [DIR]\n       flowgen new --from <FILE> <DIR>",
    after_help = "\
Examples:
  flowgen new saga                         a crate `saga` in ./saga
  flowgen new saga shop/order-flow         a crate `order-flow`
  flowgen new --from drawing.fz my-crate   a crate from your own drawing
  flowgen new saga --flowgen 0.1           with flowgen from the registry
  flowgen new saga --flowgen https://example.org/flowgen.git#v0.1.0"
)]
pub(crate) struct New {
    /// The pattern, as listed by `flowgen list`; with `--from`, the folder
    #[arg(value_name = "PATTERN", required = true)]
    pub(crate) first: PathBuf,
    /// The folder of the new crate [default: the pattern's name]
    #[arg(value_name = "DIR")]
    pub(crate) second: Option<PathBuf>,
    /// Start from this drawing (`-` is the standard input)
    #[arg(long, value_name = "FILE")]
    pub(crate) from: Option<PathBuf>,
    /// The name of the crate [default: the folder's name in lower case]
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// Where the new crate gets flowgen from [default: the checkout that built this program]
    ///
    /// The folder of a checkout, relative to the new crate or to the current folder; a version, such as `0.1`; or
    /// the address of a git repository, with a commit or tag after `#`. Write `./0.1` for a folder of that name.
    #[arg(long, value_name = "PATH|VERSION|URL#REV")]
    pub(crate) flowgen: Option<OsString>,
}

/// Write Rust from a drawing
#[derive(Debug, clap::Args)]
#[command(after_help = with_exit_codes("\
Examples:
  flowgen gen flow/saga.fz                           to the standard output
  flowgen gen flow/saga.fz -o src/flow.rs            to a new file
  flowgen gen flow/saga.fz -o src/flow.rs --force    to an existing file
  flowgen gen flow/saga.fz -o src/flow.rs --check    in CI: fail if the file is stale
  flowgen gen flow/saga.fz --crate-path ::workflows  for a crate that calls flowgen `workflows`"))]
pub(crate) struct Gen {
    /// The drawing (`-` is the standard input)
    pub(crate) file: PathBuf,
    /// Where to write [default: the standard output]
    #[arg(short, long, value_name = "PATH")]
    pub(crate) output: Option<PathBuf>,
    /// Write nothing; fail unless the output is what would be written
    #[arg(long, requires = "output", conflicts_with = "force")]
    pub(crate) check: bool,
    /// Overwrite the output
    #[arg(long, requires = "output")]
    pub(crate) force: bool,
    #[command(flatten)]
    pub(crate) place: CodePlace,
    #[command(flatten)]
    pub(crate) levels: Levels,
    /// The format of the findings, which are written to the standard error
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}

/// The crate and the module that the code is for
#[derive(Debug, clap::Args)]
pub(crate) struct CodePlace {
    /// The path of the crate flowgen, if the dependency has another name
    #[arg(long, value_name = "PATH", default_value = "::flowgen")]
    pub(crate) crate_path: String,
    /// Make the items `pub(crate)`, for a module that the crate does not export
    #[arg(long)]
    pub(crate) pub_crate: bool,
    /// Leave out attributes that do not resolve in a module with `#![no_implicit_prelude]`
    #[arg(long)]
    pub(crate) no_implicit_prelude: bool,
}

/// Render a drawing as an SVG picture
///
/// The same drawing always gives the same picture. Warnings and notes are not shown; see `flowgen check`.
#[derive(Debug, clap::Args)]
#[command(after_help = with_exit_codes("\
Examples:
  flowgen render flow/saga.fz > saga.svg                   to the standard output
  flowgen render flow/saga.fz -o flow/saga.svg             to a file; an older picture is replaced
  flowgen render flow/saga.fz -o flow/saga.svg --force     also if the file is not a picture
  flowgen render flow/saga.fz -o flow/saga.svg --check     in CI: fail if the picture is stale"))]
pub(crate) struct Render {
    /// The drawing (`-` is the standard input)
    pub(crate) file: PathBuf,
    /// Where to write [default: the standard output]
    #[arg(short, long, value_name = "PATH")]
    pub(crate) output: Option<PathBuf>,
    /// Write nothing; fail unless the output is what would be written
    #[arg(long, requires = "output", conflicts_with = "force")]
    pub(crate) check: bool,
    /// Overwrite the output, even if it is not a picture
    #[arg(long, requires = "output")]
    pub(crate) force: bool,
    /// The format of the errors, which are written to the standard error
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}

/// Levels of findings
#[derive(Debug, clap::Args)]
pub(crate) struct Levels {
    /// Report warnings as errors
    #[arg(long)]
    strict: bool,
    /// Suppress warnings and notes with this code
    #[arg(long, value_name = "CODE", value_delimiter = ',')]
    allow: Vec<String>,
    /// Report warnings and notes with this code as errors
    #[arg(long, value_name = "CODE", value_delimiter = ',')]
    deny: Vec<String>,
}

impl Levels {
    /// Converts the options to the levels of `flowgen-codegen`.
    pub(crate) fn read(&self) -> Result<flowgen_codegen::Levels, LevelError> {
        let mut levels = flowgen_codegen::Levels::default();
        if self.strict {
            levels.deny_warnings();
        }
        let settings = [(&self.allow, Level::Allow), (&self.deny, Level::Deny)];
        for (code, level) in settings.into_iter().flat_map(|(codes, level)| codes.iter().zip(repeat(level))) {
            levels.set(code, level)?;
        }
        Ok(levels)
    }
}

/// Check drawings
#[derive(Debug, clap::Args)]
#[command(
    after_help = with_exit_codes(CHECK_EXAMPLES),
    after_long_help = with_exit_codes(&format!("{CHECK_EXAMPLES}\n\n{JSON_HELP}"))
)]
pub(crate) struct Check {
    /// The drawings (`-` is the standard input)
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Fix the findings that have a mechanical fix, and report the others
    ///
    /// Files are overwritten. The fixed standard input is written to the standard output, and the report to the
    /// standard error.
    #[arg(long)]
    pub(crate) fix: bool,
    /// With `--fix`, show a diff instead of overwriting files
    #[arg(long, requires = "fix")]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) levels: Levels,
    /// The format of the findings
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}

/// Explain a finding: what it does, why it is bad, an example, and a drawing to use instead
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  flowgen explain F205
  flowgen explain dead-end
  flowgen explain --all
  flowgen explain --all --format markdown > findings.md")]
pub(crate) struct Explain {
    /// The finding's code or name
    #[arg(required_unless_present = "all", conflicts_with = "all")]
    pub(crate) code: Option<String>,
    /// Explain all findings
    #[arg(long)]
    pub(crate) all: bool,
    /// The format of the explanation
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: ExplanationFormat,
}

/// A format of explanations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExplanationFormat {
    /// For a terminal
    #[default]
    Human,
    /// For a page; with `--all`, with a table of all findings
    Markdown,
}

/// Write a completion script for a shell to the standard output
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  flowgen completions bash > ~/.local/share/bash-completion/completions/flowgen
  flowgen completions zsh > ~/.zfunc/_flowgen
  flowgen completions fish > ~/.config/fish/completions/flowgen.fish")]
pub(crate) struct Completions {
    /// The shell
    pub(crate) shell: clap_complete::Shell,
}

const CHECK_EXAMPLES: &str = "\
Examples:
  flowgen check flow/*.fz
  flowgen check --strict --format json flow/saga.fz
  flowgen check --deny F106 --allow F104,F105 flow/saga.fz
  flowgen check --fix --dry-run flow/*.fz         what --fix would change
  flowgen check --format github flow/*.fz         in a GitHub workflow
  flowgen check --format sarif flow/*.fz > flow.sarif
  cat flow/saga.fz | flowgen check -";

fn with_exit_codes(examples: &str) -> String {
    format!("{examples}\n\n{}", exit::HELP)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn every_command_has_examples() {
        for command in Args::command().get_subcommands() {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.contains("Examples:\n  flowgen"), "{}", command.get_name());
        }
    }
}
