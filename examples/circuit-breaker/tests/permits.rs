//! The gate under every interleaving of threads.

use loom::sync::Arc;
use loom::sync::Mutex;
use loom::thread;

/// The atomics of `gate`, from loom.
mod sync {
    pub(crate) use loom::sync::atomic::{AtomicU64, Ordering};
}

#[allow(dead_code, unreachable_pub, reason = "no test needs all of it")]
#[path = "../src/gate.rs"]
mod gate;

use gate::{Gate, State};

const PROBES: u16 = 1;

/// Every interleaving with up to three preemptions. More preemptions take minutes and find nothing else.
fn model(test: impl Fn() + Send + Sync + 'static) {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(3);
    model.check(test);
}

fn half_open() -> Arc<Gate> {
    let gate = Gate::new();
    gate.change(State::HalfOpen);
    Arc::new(gate)
}

#[test]
fn no_more_pass_than_allowed() {
    model(|| {
        let gate = half_open();
        let threads: Vec<_> = (0..3)
            .map(|_| {
                let gate = Arc::clone(&gate);
                thread::spawn(move || gate.enter(PROBES).is_ok())
            })
            .collect();
        let passed = threads.into_iter().map(|thread| thread.join().unwrap()).filter(|&passed| passed);
        assert_eq!(passed.count(), usize::from(PROBES));
    });
}

#[test]
fn a_pass_that_is_handed_back_lets_one_more_in_and_no_two() {
    model(|| {
        let gate = half_open();
        let out = Arc::new(Mutex::new(0_u16));
        let threads: Vec<_> = (0..2)
            .map(|_| {
                let (gate, out) = (Arc::clone(&gate), Arc::clone(&out));
                thread::spawn(move || {
                    if let Ok(pass) = gate.enter(PROBES) {
                        *out.lock().unwrap() += 1;
                        assert!(*out.lock().unwrap() <= PROBES);
                        *out.lock().unwrap() -= 1;
                        gate.hand_back(pass);
                    }
                })
            })
            .collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!(gate.probes(), 0);
        assert!(gate.enter(PROBES).is_ok());
    });
}

#[test]
fn a_late_pass_that_is_handed_back_admits_no_call() {
    model(|| {
        let gate = half_open();
        let late = gate.enter(PROBES).unwrap();
        let handing_back = {
            let gate = Arc::clone(&gate);
            thread::spawn(move || gate.hand_back(late))
        };
        gate.change(State::Open);
        gate.change(State::HalfOpen);
        let first = gate.enter(PROBES);
        handing_back.join().unwrap();
        assert!(first.is_ok() && gate.enter(PROBES).is_err());
    });
}

#[test]
fn a_probe_that_passes_while_the_state_changes_belongs_to_one_of_both() {
    model(|| {
        let gate = half_open();
        let entering = {
            let gate = Arc::clone(&gate);
            thread::spawn(move || gate.enter(PROBES))
        };
        let closed = gate.change(State::Closed);
        let pass = entering.join().unwrap().unwrap();
        assert_eq!(pass.epoch == closed, pass.state == State::Closed);
        assert_eq!(gate.probes(), 0);
    });
}
