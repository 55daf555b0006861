//! A sliding window of calls that counts failures and slow calls.

use std::ops::{AddAssign, SubAssign};

use tokio::time::{Duration, Instant};

use super::settings::{STEPS, Window};

/// The result of a counted call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) failed: bool,
    pub(crate) slow: bool,
}

/// The number of calls, and how many of them failed or were slow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// All calls.
    pub calls: u32,
    /// Calls that failed.
    pub failures: u32,
    /// Calls that were slow, whether they failed or not.
    pub slow: u32,
}

impl Counts {
    /// The share of calls that failed. 0 without calls.
    #[must_use]
    pub fn failure_rate(&self) -> f64 {
        self.part(self.failures)
    }

    /// The share of calls that were slow. 0 without calls.
    #[must_use]
    pub fn slow_rate(&self) -> f64 {
        self.part(self.slow)
    }

    fn part(&self, of: u32) -> f64 {
        if self.calls == 0 { 0.0 } else { f64::from(of) / f64::from(self.calls) }
    }
}

impl From<Mark> for Counts {
    fn from(mark: Mark) -> Self {
        Self { calls: 1, failures: mark.failed.into(), slow: mark.slow.into() }
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.calls += other.calls;
        self.failures += other.failures;
        self.slow += other.slow;
    }
}

impl SubAssign for Counts {
    fn sub_assign(&mut self, other: Self) {
        self.calls -= other.calls;
        self.failures -= other.failures;
        self.slow -= other.slow;
    }
}

/// A sliding window. Invariant: `counts` is the sum of its content.
#[derive(Debug)]
pub(crate) struct Sliding {
    held: Held,
    counts: Counts,
}

#[derive(Debug)]
enum Held {
    /// A ring of the last calls. When it has `capacity` entries, `next` is the index of the oldest.
    Calls { marks: Vec<Mark>, capacity: usize, next: usize },
    /// The counts of each time step; `last` is the number of the current step.
    Time { steps: [Counts; STEPS as usize], step: Duration, since: Instant, last: u64 },
}

impl Sliding {
    pub(crate) fn new(window: Window, now: Instant) -> Self {
        let held = match window {
            Window::Calls(calls) => {
                let capacity = calls as usize;
                Held::Calls { marks: Vec::with_capacity(capacity), capacity, next: 0 }
            }
            Window::Time(time) => {
                Held::Time { steps: Default::default(), step: time / STEPS, since: now, last: 0 }
            }
        };
        Self { held, counts: Counts::default() }
    }

    /// Removes all calls.
    pub(crate) fn clear(&mut self) {
        self.counts = Counts::default();
        match &mut self.held {
            Held::Calls { marks, next, .. } => {
                marks.clear();
                *next = 0;
            }
            Held::Time { steps, .. } => *steps = Default::default(),
        }
    }

    /// Counts a call. Returns the counts of the window, this call included.
    pub(crate) fn count(&mut self, mark: Mark, now: Instant) -> Counts {
        self.slide(now);
        match &mut self.held {
            Held::Calls { marks, capacity, .. } if marks.len() < *capacity => marks.push(mark),
            Held::Calls { marks, capacity, next } => {
                self.counts -= std::mem::replace(&mut marks[*next], mark).into();
                *next = (*next + 1) % *capacity;
            }
            Held::Time { steps, last, .. } => steps[slot(*last)] += mark.into(),
        }
        self.counts += mark.into();
        self.counts
    }

    /// The counts of the window.
    pub(crate) fn counts(&mut self, now: Instant) -> Counts {
        self.slide(now);
        self.counts
    }

    /// Drops the time steps that have left the window.
    fn slide(&mut self, now: Instant) {
        let Held::Time { steps, step, since, last } = &mut self.held else { return };
        let current = nanos(now.saturating_duration_since(*since)) / nanos(*step);
        if current <= *last {
            return;
        }
        for over in (*last + 1..=current).take(steps.len()) {
            self.counts -= std::mem::take(&mut steps[slot(over)]);
        }
        *last = current;
    }
}

/// Nanoseconds. A `u64` is enough for centuries.
fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// The index of a time step.
fn slot(step: u64) -> usize {
    (step % u64::from(STEPS)) as usize
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use proptest::collection::vec;
    use proptest::prelude::{any, proptest};

    use super::*;

    const STEP: Duration = Duration::from_millis(100);

    fn mark((failed, slow): (bool, bool)) -> Mark {
        Mark { failed, slow }
    }

    fn sum<'m>(marks: impl Iterator<Item = &'m Mark>) -> Counts {
        let mut counts = Counts::default();
        marks.for_each(|mark| counts += (*mark).into());
        counts
    }

    proptest! {
        #[test]
        fn the_last_calls_count(most in 1_u32..20, calls in vec(any::<(bool, bool)>(), 0..100)) {
            let now = Instant::now();
            let mut window = Sliding::new(Window::Calls(most), now);
            let mut last = VecDeque::new();
            for mark in calls.into_iter().map(mark) {
                last.push_back(mark);
                if last.len() > most as usize {
                    last.pop_front();
                }
                assert_eq!(window.count(mark, now), sum(last.iter()));
            }
        }

        #[test]
        fn the_calls_of_the_last_steps_count(calls in vec((0_u32..1500, any::<(bool, bool)>()), 0..100)) {
            let begun = Instant::now();
            let mut window = Sliding::new(Window::Time(STEP * STEPS), begun);
            let mut all: Vec<(u32, Mark)> = Vec::new();
            let mut millis = 0;
            for (pause, marked) in calls {
                millis += pause;
                let now = begun + Duration::from_millis(millis.into());
                all.push((millis / 100, mark(marked)));
                let counts = window.count(mark(marked), now);
                let recent = all.iter().filter(|(step, _)| step + STEPS > millis / 100);
                assert_eq!(counts, sum(recent.map(|(_, mark)| mark)));
            }
        }
    }

    #[test]
    fn time_passes_without_calls() {
        let begun = Instant::now();
        let mut window = Sliding::new(Window::Time(STEP * STEPS), begun);
        window.count(Mark { failed: true, slow: true }, begun);
        assert_eq!(window.counts(begun + STEP * 9).calls, 1);
        assert_eq!(window.counts(begun + STEP * 10), Counts::default());
    }

    #[test]
    fn a_cleared_window_is_empty() {
        let now = Instant::now();
        for window in [Window::Calls(2), Window::Time(STEP * STEPS)] {
            let mut window = Sliding::new(window, now);
            for _ in 0..3 {
                window.count(Mark { failed: true, slow: false }, now);
            }
            window.clear();
            assert_eq!(window.counts(now), Counts::default());
            assert_eq!(window.count(Mark::default(), now), Counts { calls: 1, failures: 0, slow: 0 });
        }
    }
}
