//! A bank over HTTP: commands, the view that follows them, a duplicate, a conflict, and a rebuild.

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Starts a bank in a folder of its own, and shows what becomes of commands and queries.
///
/// # Errors
///
/// The bank can't be started, or does not answer.
pub async fn show() -> Result<(), Failure> {
    Ok(())
}
