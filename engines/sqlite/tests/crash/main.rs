//! Flows that are killed, again and again, until they end; and a judge who looks at what they did.
//!
//! | variable | sets |
//! |---|---|
//! | `FLOWGEN_KILLS` | how often a process is killed, at least |
//! | `FLOWGEN_POWER_LOSSES` | how often the power fails; as often as there are moments, or more, is at each of them |
//! | `FLOWGEN_SEED` | when: the same seed waits as long; it is printed |

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod child;
mod flow;
mod judge;
mod power;
mod witness;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use judge::Judge;
use tempfile::TempDir;

/// How much longer a process lives each time, in microseconds, in case that it takes as long to set out.
const LONGER: u64 = 1_000;

/// Numbers by chance, the same for the same seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

fn number(variable: &str, default: impl FnOnce() -> u64) -> u64 {
    std::env::var(variable).map_or_else(|_| default(), |text| text.parse().expect("a number"))
}

/// The process that is killed is this one again, with only this test.
#[test]
fn child() {
    if let Some(folder) = std::env::var_os(child::FOLDER) {
        child::run(Path::new(&folder));
    }
}

fn process(folder: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "child", "--nocapture"]).env(child::FOLDER, folder).stdout(Stdio::null());
    command
}

/// How long a process lives at first, at most, in microseconds.
const LIFE: u64 = 90_000;

/// The same, where one that nobody kills is done before.
fn life() -> u64 {
    static WHOLE: OnceLock<u64> = OnceLock::new();
    *WHOLE.get_or_init(|| {
        let folder = TempDir::new().unwrap();
        let begun = Instant::now();
        assert!(process(folder.path()).status().unwrap().success());
        u64::try_from(begun.elapsed().as_micros()).map_or(LIFE, |whole| whole.min(LIFE))
    })
}

/// Lets a process live for a while. True where it came to the end of its work.
fn live(folder: &Path, hasty: bool, before: u64, dice: &mut Dice) -> bool {
    let mut command = process(folder);
    if hasty {
        command.env(child::HASTY, "yes");
    }
    let life = dice.below(life() + before * LONGER);
    let mut process = command.spawn().unwrap();
    sleep(Duration::from_micros(life));
    if let Some(ended) = process.try_wait().unwrap() {
        assert!(ended.success(), "{ended}");
        return true;
    }
    process.kill().unwrap();
    process.wait().unwrap();
    false
}

/// Kills a round's process until its work is done. Says how often.
fn round(dice: &mut Dice) -> Result<u64, String> {
    let folder = TempDir::new().unwrap();
    let (mut judge, mut kills) = (Judge::default(), 0);
    while !live(folder.path(), false, kills, dice) {
        kills += 1;
        judge.look(folder.path())?;
    }
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(judge.close(folder.path()))?;
    Ok(kills)
}

#[test]
fn nothing_is_lost_and_nothing_is_done_twice_however_often_it_is_killed() {
    let now = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap().subsec_nanos();
    let (seed, wanted) = (number("FLOWGEN_SEED", || now().into()), number("FLOWGEN_KILLS", || 300));
    println!("FLOWGEN_SEED={seed} FLOWGEN_KILLS={wanted}");
    let (mut dice, mut kills, mut rounds) = (Dice(seed), 0, 0);
    while kills < wanted {
        kills += round(&mut dice).unwrap_or_else(|broken| panic!("FLOWGEN_SEED={seed}: {broken}"));
        rounds += 1;
    }
    println!("{kills} kills in {rounds} rounds");
}

/// The judge is worth something only if he can condemn.
#[test]
fn a_store_that_saves_before_it_should_is_found_out() {
    let mut dice = Dice(1);
    let broken = (0..50).find_map(|_| hasty_round(&mut dice)).expect("it is found out");
    assert!(broken.contains("is saved as done, and it was not done"), "{broken}");
}

/// What the judge says of what a kill left. `None` where the work was done before.
fn hasty_round(dice: &mut Dice) -> Option<String> {
    let folder = TempDir::new().unwrap();
    let (mut judge, mut kills) = (Judge::default(), 0);
    while !live(folder.path(), true, kills, dice) {
        kills += 1;
        if let Err(broken) = judge.look(folder.path()) {
            return Some(broken);
        }
    }
    None
}

/// A store that forgets what it has saved: an old copy of the file comes back.
#[test]
fn a_store_that_forgets_is_found_out() {
    let broken = (0..50).find_map(forgetful_round).expect("one of the rounds is killed in the middle");
    assert!(broken.ends_with("was done, saved, and ran again"), "{broken}");
}

/// What the judge says. `None` where a process came to the end of its work before it was killed.
fn forgetful_round(seed: u64) -> Option<String> {
    let folder = TempDir::new().unwrap();
    let (folder, old) = (folder.path(), folder.path().join("old"));
    let (mut judge, mut dice) = (Judge::default(), Dice(seed));
    let mut lives = 0..;
    let mut goes_on = || live(folder, false, lives.next().unwrap(), &mut dice);
    while witness::settled(folder).len() < 3 {
        if goes_on() {
            return None;
        }
        judge.look(folder).unwrap();
    }
    let files = ["runs.db", "runs.db-wal"];
    fs::create_dir(&old).unwrap();
    let copy = |from: &Path, to: &Path| {
        for name in files {
            let _ = fs::remove_file(to.join(name));
            if from.join(name).exists() {
                fs::copy(from.join(name), to.join(name)).unwrap();
            }
        }
    };
    copy(folder, &old);
    let before = witness::settled(folder).len();
    while witness::settled(folder).len() < before + 3 {
        if goes_on() {
            return None;
        }
        judge.look(folder).unwrap();
    }
    copy(&old, folder);
    let _ = fs::remove_file(folder.join("runs.db-shm"));
    while !goes_on() {}
    let runtime = tokio::runtime::Runtime::new().unwrap();
    Some(runtime.block_on(judge.close(folder)).expect_err("it is found out"))
}
