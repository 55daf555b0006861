//! Output that is whole or not there: streams, files and folders.

pub(crate) mod file;
pub(crate) mod folder;
pub(crate) mod stream;
