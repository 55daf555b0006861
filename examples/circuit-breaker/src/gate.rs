//! The state of a breaker, in one atomic word.
//!
//! Calls are admitted here without a lock. For a closed breaker, that takes one load.
//!
//! Invariant: in each epoch, at most `probes` passes are in use or used up. A pass of an earlier epoch changes
//! nothing.

use std::fmt;

use super::sync::{AtomicU64, Ordering};

/// The state of a breaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum State {
    /// Calls are admitted, and their results are counted.
    Closed = 0,
    /// Calls are rejected until the open period ends.
    Open = 1,
    /// A few calls are admitted as probes, to test whether the target has recovered.
    HalfOpen = 2,
    /// Calls are rejected until an operator changes the state.
    ForcedOpen = 3,
    /// Calls are admitted and nothing is counted, until an operator changes the state.
    Disabled = 4,
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::HalfOpen => "half open",
            Self::ForcedOpen => "forced open",
            Self::Disabled => "disabled",
        })
    }
}

/// The period between two changes of the state. Each epoch of a breaker has its own number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Epoch(u64);

/// Admits one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pass {
    /// The epoch in which the call was admitted.
    pub(crate) epoch: Epoch,
    /// The state in which the call was admitted.
    pub(crate) state: State,
}

/// A state, the probes that were admitted in it, and its epoch: 8, 16 and 40 bits.
#[derive(Clone, Copy)]
struct Word(u64);

const STATE_BITS: u32 = 8;
const PROBE_BITS: u32 = 16;
const EPOCH_SHIFT: u32 = STATE_BITS + PROBE_BITS;
const ONE_PROBE: u64 = 1 << STATE_BITS;

/// The atomic word.
#[derive(Debug)]
pub(crate) struct Gate(AtomicU64);

impl Gate {
    pub(crate) fn new() -> Self {
        Self(AtomicU64::new(Word::new(State::Closed, Epoch(0)).0))
    }

    pub(crate) fn state(&self) -> State {
        self.word().state()
    }

    pub(crate) fn epoch(&self) -> Epoch {
        self.word().epoch()
    }

    /// The probes of this epoch that are in progress or have a result.
    pub(crate) fn probes(&self) -> u16 {
        self.word().probes()
    }

    /// Admits a call, or returns the state that rejects it.
    pub(crate) fn enter(&self, probes: u16) -> Result<Pass, State> {
        let mut word = self.word();
        loop {
            let state = word.state();
            let pass = Pass { epoch: word.epoch(), state };
            match state {
                State::Closed | State::Disabled => return Ok(pass),
                State::Open | State::ForcedOpen => return Err(state),
                State::HalfOpen if word.probes() >= probes => return Err(state),
                State::HalfOpen => match self.exchange(word, Word(word.0 + ONE_PROBE)) {
                    Ok(()) => return Ok(pass),
                    Err(now) => word = now,
                },
            }
        }
    }

    /// Returns the pass of a probe whose result says nothing about the target, so that another call can use it.
    pub(crate) fn hand_back(&self, pass: Pass) {
        let mut word = self.word();
        while pass.state == State::HalfOpen && word.epoch() == pass.epoch {
            match self.exchange(word, Word(word.0 - ONE_PROBE)) {
                Ok(()) => return,
                Err(now) => word = now,
            }
        }
    }

    /// Begins a new epoch in this state. Must not be called concurrently.
    pub(crate) fn change(&self, to: State) -> Epoch {
        let epoch = self.epoch().next();
        self.0.swap(Word::new(to, epoch).0, Ordering::AcqRel);
        epoch
    }

    fn word(&self) -> Word {
        Word(self.0.load(Ordering::Acquire))
    }

    fn exchange(&self, old: Word, new: Word) -> Result<(), Word> {
        self.0
            .compare_exchange_weak(old.0, new.0, Ordering::AcqRel, Ordering::Acquire)
            .map(|_| ())
            .map_err(Word)
    }
}

impl Epoch {
    /// Wraps after 2^40 changes: at one per millisecond, after 34 years.
    fn next(self) -> Self {
        Self((self.0 + 1) & (u64::MAX >> EPOCH_SHIFT))
    }
}

impl Word {
    fn new(state: State, epoch: Epoch) -> Self {
        Self(epoch.0 << EPOCH_SHIFT | state as u64)
    }

    fn state(self) -> State {
        match self.0 & 0xff {
            0 => State::Closed,
            1 => State::Open,
            2 => State::HalfOpen,
            3 => State::ForcedOpen,
            _ => State::Disabled,
        }
    }

    fn probes(self) -> u16 {
        (self.0 >> STATE_BITS) as u16
    }

    fn epoch(self) -> Epoch {
        Epoch(self.0 >> EPOCH_SHIFT)
    }
}
