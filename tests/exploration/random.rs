//! Plans and drawings by chance, larger than those that can all be counted.

use flowgen_codegen::analyze;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::subsequence;

use crate::cases;
use crate::explorer::{Bounds, explore};
use crate::plan::{index, plan_of};
use crate::sketch::{Inner, Role, Sketch};

const BOUNDS: Bounds = Bounds { visits: 2, situations: 400, ..Bounds::ALL };

fn targets(inner: u32, most: usize) -> impl Strategy<Value = Vec<u32>> {
    subsequence((1..=inner + 1).collect::<Vec<_>>(), 1..=most)
}

fn inner(count: u32) -> impl Strategy<Value = Inner> {
    let role = prop_oneof![
        2 => Just(Role::Step),
        3 => Just(Role::Compensable),
        2 => Just(Role::Decision),
        1 => Just(Role::Milestone),
        4 => (vec(1..=count, 1..3), any::<bool>())
            .prop_map(|(steps, rolls_back)| Role::Undo { steps, rolls_back }),
    ];
    let sends = prop_oneof![4 => Just(Vec::new()), 1 => targets(count, 1)];
    (role, targets(count, 3), sends).prop_map(|(role, next, sends)| Inner { role, next, sends })
}

pub(crate) fn sketches() -> impl Strategy<Value = Sketch> {
    (3..8_u32).prop_flat_map(|count| {
        let inner = vec(inner(count), count as usize);
        (targets(count, 2), inner, proptest::option::of(1..3_u32)).prop_map(|(start, inner, bound)| {
            let mut sketch = Sketch { start, inner, bound };
            sketch.pair();
            sketch
        })
    })
}

pub(crate) fn config() -> ProptestConfig {
    let cases = u32::try_from(cases(64)).unwrap();
    ProptestConfig { cases, failure_persistence: None, max_shrink_iters: 2_000, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn random_plans_keep_the_rules(sketch in sketches()) {
        if let Some(plan) = sketch.plan() {
            explore(plan, 0, BOUNDS).map_err(|violation| TestCaseError::fail(violation.to_string()))?;
        }
    }

    #[test]
    fn random_drawings_keep_the_rules(sketch in sketches()) {
        let model = analyze(&sketch.drawing()).model;
        let plan = plan_of(&model);
        for start in &model.starts {
            explore(plan, index(*start), BOUNDS)
                .map_err(|violation| TestCaseError::fail(violation.to_string()))?;
        }
    }
}
