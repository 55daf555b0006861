use super::*;
use crate::model::Kind::{self, Decision, End, Start, Step};
use crate::model::data::{GivenOutcome, Gives};

/// Names are numbers. Nodes with what they take and give.
fn flow(
    kinds: &[Kind],
    edges: &[(usize, usize)],
    undone_by: &[(usize, usize)],
    data: &[(usize, &[Take], Gives)],
) -> DataFlow {
    let mut model = Model::sketch(kinds, edges, undone_by);
    model.data = Some(Data::sketch(data));
    DataFlow::new(&model).unwrap()
}

const ORDER: NameIx = NameIx(0);
const PARCEL: NameIx = NameIx(1);
const START: (usize, &[Take], Gives) = (0, &[], Gives::Value(ORDER));

fn takes(node: usize, takes: &[Take]) -> (usize, &[Take], Gives) {
    (node, takes, Gives::Nothing)
}

/// The nodes with missing inputs, the reasons and the paths.
fn missing(flow: &DataFlow) -> Vec<(usize, MissingReason, Vec<usize>)> {
    assert!(flow.undecided.is_empty());
    let indexes = |path: &[NodeIx]| path.iter().map(|node| node.0).collect();
    flow.missing.iter().map(|missing| (missing.node.0, missing.reason, indexes(&missing.path))).collect()
}

#[test]
fn at_a_merge_only_what_all_paths_give_is_certain() {
    let kinds = [Start, Decision, Step, Step, End];
    let edges = [(0, 1), (1, 2), (1, 3), (2, 4), (3, 4)];
    let given = (2, &[][..], Gives::Value(PARCEL));
    let end: &[Take] = &[Take::One(ORDER), Take::One(PARCEL)];
    let found = flow(&kinds, &edges, &[], &[START, given.clone(), takes(4, end)]);
    assert_eq!(missing(&found), [(4, MissingReason::Path, vec![0, 1, 3, 4])]);
    let optional: &[Take] = &[Take::Optional(PARCEL), Take::List(PARCEL)];
    assert!(
        missing(&flow(&kinds, &edges, &[], &[START, given.clone(), takes(4, &optional[..1])])).is_empty()
    );
    assert!(
        missing(&flow(&kinds, &edges, &[], &[START, given.clone(), takes(4, &optional[1..])])).is_empty()
    );
    let never = flow(&kinds, &edges, &[], &[START, given, takes(3, &optional[..1])]);
    assert_eq!(missing(&never), [(3, MissingReason::Never, vec![])]);
}

/// Node 1 forks to 2 and 3, which join at 4.
const FORK: ([Kind; 6], [(usize, usize); 6]) =
    ([Start, Step, Step, Step, Step, End], [(0, 1), (1, 2), (1, 3), (2, 4), (3, 4), (4, 5)]);

#[test]
fn behind_a_join_what_each_branch_gives_is_certain_and_siblings_do_not_see_it() {
    let (kinds, edges) = FORK;
    let given = (2, &[][..], Gives::Value(PARCEL));
    let both: &[Take] = &[Take::One(ORDER), Take::One(PARCEL)];
    assert!(missing(&flow(&kinds, &edges, &[], &[START, given.clone(), takes(4, both)])).is_empty());
    let sibling = flow(&kinds, &edges, &[], &[START, given, takes(3, &both[1..])]);
    assert_eq!(missing(&sibling), [(3, MissingReason::Never, vec![0, 1, 3])]);
}

#[test]
fn branches_that_give_one_name_are_found_with_both_paths() {
    let (kinds, edges) = FORK;
    let given = |node| (node, &[][..], Gives::Value(PARCEL));
    let found = flow(&kinds, &edges, &[], &[START, given(2), given(3), takes(5, &[Take::One(PARCEL)])]);
    let [concurrent] = &found.concurrent[..] else { panic!("{}", found.concurrent.len()) };
    assert_eq!((concurrent.fork, concurrent.nodes), (NodeIx(1), [NodeIx(2), NodeIx(3)]));
    assert_eq!(concurrent.paths, [[NodeIx(1), NodeIx(2)], [NodeIx(1), NodeIx(3)]]);
}

#[test]
fn a_value_is_not_moved_in_one_branch_and_taken_in_another() {
    let (kinds, edges) = FORK;
    let found =
        flow(&kinds, &edges, &[], &[START, takes(2, &[Take::Moved(ORDER)]), takes(3, &[Take::One(ORDER)])]);
    assert_eq!(found.concurrent.len(), 1);
    let moved =
        flow(&kinds, &edges, &[], &[START, takes(2, &[Take::Moved(ORDER)]), takes(4, &[Take::One(ORDER)])]);
    assert_eq!(missing(&moved), [(4, MissingReason::Never, vec![0, 1, 2, 4])]);
}

/// Step 1 is undone by 4, to which the trigger 3 leads.
const ROLLBACK: ([Kind; 6], [(usize, usize); 6]) =
    ([Start, Step, Decision, Step, Step, End], [(0, 1), (1, 2), (2, 3), (2, 5), (3, 4), (4, 5)]);

#[test]
fn behind_a_trigger_only_what_every_start_gives_is_certain() {
    let (kinds, edges) = ROLLBACK;
    let given = (1, &[][..], Gives::Value(PARCEL));
    let found = flow(
        &kinds,
        &edges,
        &[(1, 4)],
        &[START, given.clone(), takes(3, &[Take::One(ORDER), Take::One(PARCEL), Take::Cause])],
    );
    assert_eq!(missing(&found), [(3, MissingReason::Path, vec![0, 1, 3])]);
    assert_eq!(found.missing[0].fault, Some(NodeIx(1)));
    let forward = flow(&kinds, &edges, &[(1, 4)], &[START, given, takes(2, &[Take::Cause])]);
    assert_eq!(missing(&forward), [(2, MissingReason::NoRollback, vec![0, 1, 2])]);
}

#[test]
fn a_compensation_takes_what_its_step_takes() {
    let (kinds, edges) = ROLLBACK;
    let step = (1, &[Take::One(ORDER)][..], Gives::Value(PARCEL));
    let undo =
        |take: &[Take]| missing(&flow(&kinds, &edges, &[(1, 4)], &[START, step.clone(), takes(4, take)]));
    assert!(undo(&[Take::One(ORDER), Take::Cause]).is_empty());
    assert_eq!(undo(&[Take::Optional(ORDER)]), [(4, MissingReason::NotOfStep(NodeIx(1)), vec![])]);
    assert_eq!(undo(&[Take::One(PARCEL)]), [(4, MissingReason::NotOfStep(NodeIx(1)), vec![])]);
}

#[test]
fn an_undone_value_is_forgotten() {
    // No trigger: the decision leads to the compensation, and from there to the end.
    let kinds = [Start, Step, Decision, Step, End, End];
    let edges = [(0, 1), (1, 2), (2, 3), (2, 4), (3, 5)];
    let given = (1, &[][..], Gives::Value(PARCEL));
    let found =
        flow(&kinds, &edges, &[(1, 3)], &[START, given, takes(5, &[Take::One(ORDER), Take::One(PARCEL)])]);
    assert_eq!(missing(&found), [(5, MissingReason::Path, vec![0, 1, 2, 3, 5])]);
}

#[test]
fn an_outcome_gives_its_value_and_unbinds_the_others() {
    // Step 1 is fused with the decision 2, whose second outcome leads back.
    let kinds = [Start, Step, Decision, End, Step];
    let edges = [(0, 1), (1, 2), (2, 3), (2, 4), (4, 1)];
    let outcome = |name| GivenOutcome { name, is_done: true };
    let gives = Gives::Outcomes { decision: NodeIx(2), outcomes: vec![outcome(Some(PARCEL)), outcome(None)] };
    let fused: (usize, &[Take], Gives) = (1, &[Take::Optional(PARCEL)], gives);
    let found = flow(
        &kinds,
        &edges,
        &[],
        &[START, fused.clone(), takes(3, &[Take::One(PARCEL)]), takes(4, &[Take::Optional(PARCEL)])],
    );
    let never = MissingReason::Never;
    assert_eq!(
        missing(&found),
        [(1, never, vec![]), (4, never, vec![])],
        "each pass unbinds what the one before gave"
    );
    let list = flow(&kinds, &edges, &[], &[START, fused, takes(4, &[Take::List(PARCEL)])]);
    assert_eq!(list.missing.len(), 2, "the outcome that gives it leads to the end");
}

#[test]
fn a_message_sees_what_was_given_when_it_was_sent() {
    let mut model =
        Model::sketch(&[Start, Step, Step, End, Step, End], &[(0, 1), (1, 2), (2, 3), (4, 5)], &[]);
    let mut message = model[NodeIx(0)].next[0].clone();
    message.to = NodeIx(4);
    model.nodes[1].sends.push(message);
    let given = |node, name| (node, &[][..], Gives::Value(name));
    let all: &[Take] = &[Take::One(ORDER), Take::One(PARCEL), Take::One(NameIx(2))];
    model.data = Some(Data::sketch(&[START, given(1, PARCEL), given(2, NameIx(2)), takes(4, all)]));
    let found = DataFlow::new(&model).unwrap();
    assert_eq!(missing(&found), [(4, MissingReason::Never, vec![0, 1, 4])]);
    assert_eq!(found.missing[0].input, 2);
}
