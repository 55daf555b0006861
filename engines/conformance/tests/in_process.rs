//! The suite in process.

use flowgen_conformance::InProcess;

flowgen_conformance::suite!(InProcess);
