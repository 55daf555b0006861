//! Messages that send messages.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU32, Ordering};

use flowgen::{Fork, Result, Visit};

mod relay {
    flowgen::flow! {
        Runner { # Runner
            n1: circle label:"Race begins"
            n2: diamond label:"Is there a next runner?"
            n3: rectangle label:"Hand baton over"
            n4: circle label:"Handed over"
            n5: circle label:"Finished"
            n1.handle(right) -> n2.handle(left)
            n2.handle(right) -> n3.handle(left) [label="Yes"]
            n2.handle(bottom) -> n5.handle(top) [label="No"]
            n3.handle(right) -> n4.handle(left)
            n3.handle(top) -> n2.handle(top) [label="async: Next runner"]
        }
    }
}

mod tree {
    flowgen::flow! {
        Runner { # Runner
            n1: circle label:"Race begins"
            n2: diamond label:"Is there a next runner?"
            n3: rectangle label:"Hand batons over"
            n4: circle label:"Handed over"
            n5: circle label:"Finished"
            n1.handle(right) -> n2.handle(left)
            n2.handle(right) -> n3.handle(left) [label="Yes"]
            n2.handle(bottom) -> n5.handle(top) [label="No"]
            n3.handle(right) -> n4.handle(left)
            n3.handle(top) -> n2.handle(top) [label="async: Left runner"]
            n3.handle(bottom) -> n2.handle(top) [label="async: Right runner"]
        }
    }
}

/// How many runners are to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct ToCome(u32);

impl Fork for ToCome {
    fn fork(&self) -> Self {
        *self
    }
    fn join(&mut self, _: Self) {}
}

#[derive(Default)]
struct Team {
    handed_over: AtomicU32,
}

impl relay::runner::Runner<ToCome> for Team {
    async fn is_there_a_next_runner(
        &self,
        cx: &ToCome,
        _: &Visit,
    ) -> Result<relay::runner::IsThereANextRunner> {
        use relay::runner::IsThereANextRunner::{No, Yes};
        Ok(if cx.0 > 0 { Yes } else { No })
    }
    async fn hand_baton_over(&self, cx: &mut ToCome, _: &Visit) -> Result {
        cx.0 -= 1;
        self.handed_over.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

impl tree::runner::Runner<ToCome> for Team {
    async fn is_there_a_next_runner(
        &self,
        cx: &ToCome,
        _: &Visit,
    ) -> Result<tree::runner::IsThereANextRunner> {
        use tree::runner::IsThereANextRunner::{No, Yes};
        Ok(if cx.0 > 0 { Yes } else { No })
    }
    async fn hand_batons_over(&self, cx: &mut ToCome, _: &Visit) -> Result {
        cx.0 -= 1;
        self.handed_over.fetch_add(1, Ordering::Relaxed);
        // Not at once, so that many are under way at the same time.
        tokio::task::yield_now().await;
        Ok(())
    }
}

#[tokio::test]
async fn a_chain_of_messages_may_be_long() {
    const LONG: u32 = 100_000;
    let flow = relay::Flow { runner: Team::default() };
    let ended = flow.runner().run_with_id("race", ToCome(LONG)).await;
    assert_eq!(flow.runner.handed_over.load(Ordering::Relaxed), LONG);
    assert_eq!(ended.messages.len(), LONG as usize);
    assert!(ended.outcome.is_completed_at(relay::End::HandedOver), "{}", ended.outcome);
    let last = ended.messages.last().unwrap();
    assert!(last.outcome.is_completed_at(relay::End::Finished), "{}", last.outcome);
    assert_eq!(last.cx, ToCome(0));
    let mut sender = ended.run.clone();
    let mut ids = BTreeSet::new();
    for message in &ended.messages {
        assert_eq!(message.sender.as_deref(), Some(&*sender), "each sends the next");
        assert!(message.run.starts_with("race/n3/1/n2") && message.run.len() < 200, "{}", message.run);
        assert!(message.messages.is_empty() && ids.insert(message.run.clone()), "{}", message.run);
        sender = message.run.clone();
    }
    // None of these goes down the chain by recursion.
    drop(ended.clone());
    assert!(format!("{ended:?}").len() > LONG as usize);
    drop(ended);
}

#[tokio::test]
async fn a_chain_of_messages_leaves_time_to_others() {
    let flow = relay::Flow { runner: Team::default() };
    let runner = flow.runner();
    let race = async {
        let _ = runner.run(ToCome(10_000)).await;
    };
    let other = async {
        tokio::task::yield_now().await;
        flow.runner.handed_over.load(Ordering::Relaxed)
    };
    let ((), handed_over) = tokio::join!(race, other);
    assert!(handed_over < 1_000, "others waited for {handed_over} messages");
}

#[tokio::test]
async fn each_message_may_send_several() {
    let flow = tree::Flow { runner: Team::default() };
    let ended = flow.runner().run_with_id("race", ToCome(10)).await;
    assert_eq!(flow.runner.handed_over.load(Ordering::Relaxed), 1_023);
    assert_eq!(ended.messages.len(), 2_046);
    let ids: BTreeSet<_> = ended.messages.iter().map(|message| &message.run).collect();
    assert_eq!(ids.len(), 2_046, "no two messages have one id");
    assert!(ended.messages.iter().all(|message| message.outcome.is_completed()));
}

#[tokio::test]
async fn a_long_chain_may_be_dropped_on_its_way() {
    let flow = relay::Flow { runner: Team::default() };
    let runner = flow.runner();
    let race = async {
        let _ = runner.run(ToCome(u32::MAX)).await;
    };
    let other = async {
        while flow.runner.handed_over.load(Ordering::Relaxed) < 10_000 {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        () = race => panic!("it is endless"),
        () = other => {}
    }
}
