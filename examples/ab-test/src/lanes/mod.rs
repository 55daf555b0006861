//! The lanes of the drawing, one file each.
//!
//! Every step can be retried: it finds its previous results in the experiment or the log.

mod analysis;
mod experimenter;
mod measurement;
mod traffic;

pub use analysis::Analysis;
pub use experimenter::Experimenter;
pub use measurement::Measurement;
pub use traffic::Traffic;
