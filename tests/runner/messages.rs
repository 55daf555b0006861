use flowgen::{Outcome, Runner};

use crate::shop::{At, MESSAGE, Shop, faults, takes};

#[tokio::test(start_paused = true)]
async fn a_message_may_outlast_the_run_that_sent_it() {
    let shop = Shop::new(&[("Hear", takes(100))]);
    let ended = Runner::new(&shop, MESSAGE).run_with_id("r", Vec::new()).await;
    assert!(ended.outcome.is_completed_at(At(14)), "{}", ended.outcome);
    assert_eq!(shop.elapsed(), 100);
    let [message] = &ended.messages[..] else { panic!("one message: {:?}", ended.messages) };
    assert!(message.outcome.is_completed_at(At(16)), "{}", message.outcome);
    assert_eq!(&*message.run, "r/n13/1/n15");
    assert_eq!(message.cx, ["a copy of 1", "r/n13/1/n15/n15/1 attempt 1"]);
    assert_eq!(ended.cx, ["r/n13/1 attempt 1"]);
}

#[tokio::test(start_paused = true)]
async fn the_fault_of_a_message_is_its_own() {
    let shop = Shop::new(&[("Hear", faults(1))]);
    let ended = Runner::new(&shop, MESSAGE).run(Vec::new()).await;
    assert!(ended.outcome.is_completed(), "{}", ended.outcome);
    assert!(ended.faults.is_empty());
    assert!(matches!(ended.messages[0].outcome, Outcome::Failed { .. }));
}
