//! How often the judge is wrong, and how soon it is right, by simulation with the default settings.
//!
//! `cargo test --test judge -- --nocapture` prints the tables. `JUDGE_SEED` draws other figures.

use std::time::{Duration, SystemTime};

use blue_green::balancer::Tally;
use blue_green::judge::{Verdict, Watched};
use blue_green::settings::Watch;

/// Releases that are simulated for each cell.
const RELEASES: u32 = 400;

/// SplitMix64 (Steele, Lea and Flood, 2014).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn happens(&mut self, probability: f64) -> bool {
        #[expect(clippy::cast_precision_loss, reason = "53 bits are exact")]
        let drawn = (self.next() >> 11) as f64 / (1_u64 << 53) as f64;
        drawn < probability
    }
}

fn random() -> Random {
    let seed = std::env::var("JUDGE_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(20_261_130);
    println!("JUDGE_SEED={seed}");
    Random(seed)
}

/// A version: what share of its requests fails, and what share takes a second instead of 20 ms.
#[derive(Clone, Copy)]
struct Version {
    errors: f64,
    slow: f64,
}

impl Version {
    fn with_errors(errors: f64) -> Self {
        Self { errors, slow: 0.0 }
    }

    fn answer(self, requests: u64, counted: &mut Tally, random: &mut Random) {
        counted.requests += requests;
        for _ in 0..requests {
            if random.happens(self.errors) {
                counted.errors += 1;
            } else {
                counted.times[usize::from(random.happens(self.slow))].1 += 1;
            }
        }
    }
}

fn nothing() -> Tally {
    Tally { times: vec![(20_000, 0), (1_000_000, 0)], ..Tally::default() }
}

/// When the new version was reverted, if it was.
fn release(old: Version, new: Version, per_second: u64, random: &mut Random) -> Option<Duration> {
    let limits = Watch::default();
    let mut baseline = nothing();
    // The monitor looks for the baseline every 20 ms.
    while baseline.requests < limits.sample {
        old.answer((per_second / 50).max(1), &mut baseline, random);
    }
    let start = SystemTime::UNIX_EPOCH;
    let (mut now, mut counted) = (start, nothing());
    let mut watched = Watched::begin(start, nothing());
    loop {
        now += Duration::from_millis(limits.look_ms);
        new.answer(per_second * limits.look_ms / 1_000, &mut counted, random);
        watched.look(now, &counted, &baseline, &limits);
        match watched.verdict {
            Verdict::Open => {}
            Verdict::Good => return None,
            // No rate here is so low.
            Verdict::Inconclusive(why) => panic!("{why}"),
            Verdict::Bad(_) => return now.duration_since(start).ok(),
        }
    }
}

fn reverted(old: Version, new: Version, per_second: u64, random: &mut Random) -> Vec<Duration> {
    let mut times: Vec<_> = (0..RELEASES).filter_map(|_| release(old, new, per_second, random)).collect();
    times.sort();
    times
}

#[test]
fn identical_versions_are_seldom_reverted() {
    let mut random = random();
    println!("identical versions: reverted releases of {RELEASES}");
    println!("{:>14} {:>7} {:>8} {:>8}", "errors", "20/s", "100/s", "500/s");
    for errors in [0.002, 0.005, 0.01, 0.02, 0.05, 0.2] {
        let version = Version::with_errors(errors);
        let counts = [20, 100, 500].map(|rate| reverted(version, version, rate, &mut random).len());
        println!("{:>12.1} % {:>7} {:>8} {:>8}", errors * 100.0, counts[0], counts[1], counts[2]);
        assert!(counts.iter().all(|&count| count <= RELEASES as usize / 20), "{errors}: {counts:?}");
    }
}

#[test]
fn identical_versions_with_some_slow_requests_are_seldom_reverted() {
    let mut random = random();
    println!("identical versions: reverted releases of {RELEASES}");
    println!("{:>14} {:>7} {:>8} {:>8}", "slow", "20/s", "100/s", "500/s");
    for slow in [0.01, 0.04, 0.05, 0.06, 0.2] {
        let version = Version { errors: 0.01, slow };
        let counts = [20, 100, 500].map(|rate| reverted(version, version, rate, &mut random).len());
        println!("{:>12.1} % {:>7} {:>8} {:>8}", slow * 100.0, counts[0], counts[1], counts[2]);
        assert!(counts.iter().all(|&count| count <= RELEASES as usize / 20), "{slow}: {counts:?}");
    }
}

#[test]
fn a_version_with_clearly_more_errors_is_reverted_within_seconds() {
    let mut random = random();
    let old = Version::with_errors(0.01);
    println!("1 % of errors before: seconds until 95 of 100 releases are reverted");
    println!("{:>14} {:>7} {:>8} {:>8}", "errors now", "20/s", "100/s", "500/s");
    for (errors, most) in [(0.1, [60, 15, 5]), (0.25, [20, 5, 2]), (0.5, [6, 3, 2]), (1.0, [2, 2, 2])] {
        let new = Version::with_errors(errors);
        let found = [20, 100, 500].map(|rate| {
            let times = reverted(old, new, rate, &mut random);
            times.get(RELEASES as usize * 95 / 100 - 1).copied()
        });
        let seconds = found.map(|time| time.map_or(f64::INFINITY, |time| time.as_secs_f64()));
        println!("{:>12.1} % {:>7} {:>8} {:>8}", errors * 100.0, seconds[0], seconds[1], seconds[2]);
        for (seconds, most) in seconds.into_iter().zip(most) {
            assert!(seconds <= f64::from(most), "{errors}: {seconds:?} s for {most}");
        }
    }
}
