//! The standard output and the standard error.
//!
//! Colours stay only where somebody sees them: on a terminal, and unless `NO_COLOR` is set. Whoever
//! writes has to flush at last, or an error on the last bytes would go unnoticed.

use std::io::{self, BufWriter, StderrLock, StdoutLock};

use anstream::AutoStream;

pub(crate) fn stdout() -> BufWriter<AutoStream<StdoutLock<'static>>> {
    BufWriter::new(AutoStream::auto(io::stdout().lock()))
}

pub(crate) fn stderr() -> BufWriter<AutoStream<StderrLock<'static>>> {
    BufWriter::new(AutoStream::auto(io::stderr().lock()))
}
