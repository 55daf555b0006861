//! Errors that prevent a command from doing its work.
//!
//! A failure is never about the meaning of a drawing, which is the subject of findings. It always ends the
//! program with [`crate::exit::USAGE`], after one message with the problem and its remedy.

use std::error::Error as _;
use std::io;
use std::path::PathBuf;

use annotate_snippets::normalize_untrusted_str;
use annotate_snippets::renderer::{DEFAULT_ERROR_STYLE, DEFAULT_HELP_STYLE};
use flowgen_codegen::LevelError;
use flowgen_codegen::format::NotAPath;
use thiserror::Error;

/// Errors that prevent a command from doing its work.
#[derive(Debug, Error)]
pub(crate) enum Failure {
    /// Arguments that contradict each other. Clap checks each argument on its own.
    #[error("{message}")]
    Usage { message: &'static str, help: &'static str },
    #[error("cannot read `{name}`: {why}")]
    Read { name: String, why: Unreadable },
    #[error("unknown pattern `{name}`")]
    UnknownPattern { name: String, nearest: Option<&'static str>, known: String },
    #[error("unknown finding `{code}`")]
    UnknownRule { code: String, nearest: Option<&'static str> },
    #[error(transparent)]
    Level(#[from] LevelError),
    #[error("{0}")]
    CratePath(#[from] NotAPath),
    #[error("`{name}` cannot be the name of a crate: {why}")]
    CrateName { name: String, why: &'static str, suggestion: String },
    /// Skeleton crates have lanes with a context, which the flow of a drawing with declared data does not have.
    #[error("`flowgen new --from` cannot write a crate for `{0}`, because its data is declared")]
    DeclaredData(String),
    #[error("the folder `{}` is not empty", .0.display())]
    FolderNotEmpty(PathBuf),
    #[error("`{}` is not a folder", .0.display())]
    NotAFolder(PathBuf),
    /// The file exists. It is overwritten only with `--force`.
    #[error("`{}` already exists, with other contents", .0.display())]
    Exists(PathBuf),
    /// The target is a device, for example, which a rename would replace.
    #[error("`{}` is not a file that can be written", .0.display())]
    NotAFile(PathBuf),
    /// The path is empty, or relative to a current folder that no longer exists.
    #[error("`{}` is not a path: {why}", path.display())]
    NotAPath { path: PathBuf, why: io::Error },
    #[error("there is no flowgen in `{}`", .0.display())]
    NoFlowgen(PathBuf),
    /// The checkout that built the program no longer exists.
    #[error("the checkout that built this program is no longer at `{}`", .0.display())]
    CheckoutGone(PathBuf),
    /// The path is not UTF-8, so a manifest cannot contain it.
    #[error("the path `{}` cannot be written to a Cargo.toml: it is not UTF-8", .0.display())]
    PathNotUtf8(PathBuf),
    #[error("cannot write `{}`: {why}", path.display())]
    Write { path: PathBuf, why: io::Error },
    #[error("cannot write the output")]
    Output(#[from] io::Error),
    /// An error of the file of runs, or of a run in it.
    #[cfg(feature = "runs")]
    #[error(transparent)]
    Runs(#[from] flowgen_sqlite::Error),
    /// The generated code is not Rust. This is always a bug in flowgen.
    #[error("flowgen generated code that is not Rust: {0}")]
    Emission(String),
    /// A template could not be filled in. No known input causes this.
    #[error("cannot fill in a template")]
    Template(#[from] flowgen_templates::Error),
}

/// The reason why a drawing could not be read.
#[derive(Debug, Error)]
pub(crate) enum Unreadable {
    #[error("there is no such file")]
    Missing,
    #[error("it is a folder")]
    Folder,
    #[error("it is not UTF-8 (the first wrong byte is at offset {offset})")]
    NotUtf8 { offset: usize, utf16: bool },
    #[error("it is empty")]
    Empty,
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl Failure {
    /// The remedy, if there is one.
    fn help(&self) -> Option<String> {
        Some(match self {
            Self::Usage { help, .. } => (*help).to_owned(),
            Self::Read { why, .. } => return why.help().map(str::to_owned),
            Self::UnknownPattern { nearest: Some(nearest), known, .. } => {
                format!("did you mean `{nearest}`? Known patterns: {known}")
            }
            Self::UnknownPattern { known, .. } => format!("known patterns: {known}"),
            Self::UnknownRule { nearest: Some(nearest), .. } => {
                format!("did you mean `{nearest}`? `flowgen explain --all` lists all findings")
            }
            Self::UnknownRule { .. } => "`flowgen explain --all` lists all findings".to_owned(),
            Self::Level(why) => why.help(),
            Self::CrateName { suggestion, .. } => format!("for example `--name {suggestion}`"),
            Self::DeclaredData(drawing) => format!(
                "`flowgen gen {drawing}` writes its flow; `docs/data.md` shows how to implement the lanes"
            ),
            Self::FolderNotEmpty(_) => "name an empty folder, or one that does not exist".to_owned(),
            Self::NotAFolder(_) | Self::NotAFile(_) => "choose another path".to_owned(),
            Self::Exists(_) => "`--force` overwrites it".to_owned(),
            Self::NoFlowgen(_) => "`--flowgen` takes the folder of a flowgen checkout, relative to the new crate or to \
                the current folder, a version such as `0.1`, or the address of a git repository"
                .to_owned(),
            Self::CheckoutGone(_) => {
                "set `--flowgen` to the folder, the version or the git repository that the new crate is to depend on"
                    .to_owned()
            }
            Self::PathNotUtf8(_) => "move flowgen to a path that is UTF-8".to_owned(),
            #[cfg(feature = "runs")]
            Self::Runs(flowgen_sqlite::Error::Locked { .. }) => {
                "stop the service, or let the service change its runs \
                itself; `list`, `show` and `check` work meanwhile"
                    .to_owned()
            }
            #[cfg(feature = "runs")]
            Self::Runs(_) => return None,
            Self::Emission(_) => "this is a bug: please report it with the drawing".to_owned(),
            Self::CratePath(_)
            | Self::NotAPath { .. }
            | Self::Write { .. }
            | Self::Output(_)
            | Self::Template(_) => return None,
        })
    }

    /// Writes the message to the standard error.
    pub(crate) fn print(&self) {
        if self.is_closed_pipe() {
            return;
        }
        let (error, help) = (DEFAULT_ERROR_STYLE, DEFAULT_HELP_STYLE);
        let message = match self.source() {
            Some(cause) => format!("{self}: {cause}"),
            None => self.to_string(),
        };
        anstream::eprintln!("{error}error{error:#}: {}", normalize_untrusted_str(&message));
        if let Some(text) = self.help() {
            anstream::eprintln!("  {help}help{help:#}: {}", normalize_untrusted_str(&text));
        }
    }

    /// Whether the reader of the output has closed its pipe, as in `flowgen list | head -1`. This is not
    /// reported.
    fn is_closed_pipe(&self) -> bool {
        matches!(self, Self::Output(why) if why.kind() == io::ErrorKind::BrokenPipe)
    }
}

impl Unreadable {
    fn help(&self) -> Option<&'static str> {
        match self {
            Self::Missing => Some("name a drawing (a `.fz` file), or `-` for the standard input"),
            Self::Folder => Some("name a drawing (a `.fz` file) in it"),
            Self::NotUtf8 { utf16: true, .. } => Some("it looks like UTF-16; save it as UTF-8"),
            Self::NotUtf8 { .. } => Some("save it as UTF-8"),
            Self::Empty => Some("`flowgen new saga` writes a crate with a first drawing"),
            Self::Io(_) => None,
        }
    }
}
