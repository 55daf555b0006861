//! Output that is whole or not there: streams, files and folders; and whether a file is fresh.

pub(crate) mod file;
pub(crate) mod folder;
pub(crate) mod fresh;
pub(crate) mod stream;
