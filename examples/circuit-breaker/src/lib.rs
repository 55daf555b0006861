//! Calls that fail fast while their target is down, and a recovery that is tested by probes.
//!
//! All of it is in [`circuit`]: take that folder along, with its drawing, where you want a breaker.
//!
//! ```
//! use circuit_breaker::{Breaker, Settings};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let breaker = Breaker::new("inventory", Settings::default())?;
//! let pieces = breaker.call(async { Ok::<u32, std::io::Error>(7) }).await?;
//! assert_eq!(pieces, 7);
//! # Ok(())
//! # }
//! ```

pub mod circuit;

pub use circuit::*;
