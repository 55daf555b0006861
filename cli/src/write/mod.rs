//! Output to streams, files and folders, which is written completely or not at all; and checks for stale files.

pub(crate) mod file;
pub(crate) mod folder;
pub(crate) mod staleness;
pub(crate) mod stream;
