use flowgen::{Outcome, Runner};

use crate::shop::{At, FORK, Shop, faults, takes};

#[tokio::test(start_paused = true)]
async fn branches_run_at_the_same_time() {
    let shop = Shop::new(&[("Left", takes(100)), ("Right", takes(60))]);
    let ended = Runner::new(&shop, FORK).run(Vec::new()).await;
    assert!(ended.outcome.is_completed_at(At(9)), "{}", ended.outcome);
    let log = [
        "0 begins Split",
        "0 ends Split",
        "0 begins Left",
        "0 begins Right",
        "60 ends Right",
        "100 ends Left",
    ];
    assert_eq!(shop.log(), log);
}

#[tokio::test(start_paused = true)]
async fn copies_are_merged_in_the_order_drawn() {
    let shop = Shop::new(&[("Left", takes(100))]);
    let ended = Runner::new(&shop, FORK).run_with_id("r", Vec::new()).await;
    let merged = ["r/n6/1 attempt 1", "a copy of 1", "r/n7/1 attempt 1", "a copy of 1", "r/n8/1 attempt 1"];
    assert_eq!(ended.cx, merged);
}

#[tokio::test(start_paused = true)]
async fn a_fault_lets_the_other_branch_finish_its_step_and_undoes_both() {
    let shop = Shop::new(&[("Left", faults(1).after(10)), ("Right", takes(50))]);
    let ended = Runner::new(&shop, FORK).run(Vec::new()).await;
    assert!(matches!(ended.outcome, Outcome::RolledBack { .. }), "{}", ended.outcome);
    assert_eq!(ended.undone().collect::<Vec<_>>(), [At(8), At(7)]);
    assert_eq!(shop.log()[4..6], ["50 ends Right", "50 begins Undo right"]);
}

#[tokio::test]
async fn steps_that_never_wait_run_on_any_executor() {
    let shop = Shop::new(&[]);
    let ended = Runner::new(&shop, FORK).run(Vec::new()).await;
    assert!(ended.outcome.is_completed(), "{}", ended.outcome);
}
