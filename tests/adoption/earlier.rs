//! Runs that were saved by an earlier version of flowgen.

use flowgen::run::{Trace, Walked};

#[test]
fn earlier_names_of_traces_are_read() {
    let earlier =
        r#"[[8,0,{"Resolved":{"node":1,"nth":2}}],[8,0,{"GivenUp":{"node":1,"nth":1}}],[9,0,"Skipped"]]"#;
    let now = r#"[[8,0,{"UndoneByHand":{"node":1,"nth":2}}],[8,0,{"Waived":{"node":1,"nth":1}}],[9,0,"NothingToUndo"]]"#;
    let walked = |node, trace| Walked { node, nth: 0, trace };
    let path = vec![
        walked(8, Trace::UndoneByHand { node: 1, nth: 2 }),
        walked(8, Trace::Waived { node: 1, nth: 1 }),
        walked(9, Trace::NothingToUndo),
    ];
    assert_eq!(serde_json::from_str::<Vec<Walked>>(earlier).unwrap(), path);
    assert_eq!(serde_json::from_str::<Vec<Walked>>(now).unwrap(), path);
    assert_eq!(serde_json::to_string(&path).unwrap(), now);
}
