//! Who does what is drawn, a file each lane.
//!
//! Every step can be tried again: what it has done already it finds in the experiment or the log.

mod analysis;
mod experimenter;
mod measurement;
mod traffic;

pub use analysis::Analysis;
pub use experimenter::Experimenter;
pub use measurement::Measurement;
pub use traffic::Traffic;
