//! The standard output and the standard error.

use std::io::{self, BufWriter, StderrLock, StdoutLock, Write};

use anstream::adapter::StripBytes;
use anstream::stream::RawStream;
use anstream::{AutoStream, ColorChoice};

use crate::exit::ExitStatus;
use crate::failure::Failure;

/// A buffered stream that keeps colors only on a terminal, and only if `NO_COLOR` is not set.
///
/// Flush it after the last write, because dropping it ignores errors. It strips colors before it buffers,
/// because `BufWriter<AutoStream<_>>` would make a system call for every line.
pub(crate) struct Stream<W: Write> {
    /// Strips colors; `None` if they are kept.
    strip: Option<StripBytes>,
    out: BufWriter<W>,
}

pub(crate) fn stdout() -> Stream<StdoutLock<'static>> {
    Stream { strip: strip_for(io::stdout()), out: BufWriter::new(io::stdout().lock()) }
}

pub(crate) fn stderr() -> Stream<StderrLock<'static>> {
    Stream { strip: strip_for(io::stderr()), out: BufWriter::new(io::stderr().lock()) }
}

/// Writes text unchanged, for output that may be redirected to a file.
pub(crate) fn print(text: &str) -> Result<ExitStatus, Failure> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(ExitStatus::Pass)
}

fn strip_for(stream: impl RawStream) -> Option<StripBytes> {
    let takes_colors = AutoStream::auto(stream).current_choice() == ColorChoice::AlwaysAnsi;
    (!takes_colors).then(StripBytes::new)
}

impl<W: Write> Write for Stream<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Some(strip) = &mut self.strip else { return self.out.write(bytes) };
        for piece in strip.strip_next(bytes) {
            self.out.write_all(piece)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(strip: Option<StripBytes>) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut stream = Stream { strip, out: BufWriter::new(&mut bytes) };
        stream.write_all(b"\x1b[1mf\xC3").unwrap();
        stream.write_all(b"\xA9\x1b[0m\n").unwrap();
        stream.flush().unwrap();
        drop(stream);
        bytes
    }

    #[test]
    fn colors_are_kept_or_removed() {
        assert_eq!(written(None), b"\x1b[1mf\xC3\xA9\x1b[0m\n");
        assert_eq!(written(Some(StripBytes::new())), b"f\xC3\xA9\n");
    }
}
