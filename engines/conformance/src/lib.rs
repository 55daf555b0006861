//! The conformance suite for engines: the same flows, with the same faults and crashes, must end in the same way
//! on every engine.
//!
//! An engine's tests implement [`Engine`] and call [`suite!`]. The engine names the abilities that it does not support
//! ([`Ability`]); the suite prints them and skips the cases that need them.
//!
//! ```
//! use flowgen_conformance::{InProcess, cases};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! cases::straight::goes_through(&InProcess).await;
//! # }
//! ```
//!
//! The steps of the flows follow a [`Script`], which is the run's context. They record their actions in a
//! [`Recorder`] outside of the run, which the suite inspects after a crash.

#![allow(clippy::panic, clippy::expect_used, reason = "this is a test suite: its errors are panics")]

pub mod cases;
pub mod flows;

mod engine;
mod expected;
mod in_process;
mod recorder;
mod report;
mod script;

pub use engine::{Ability, Engine, Interruption, Job, OperatorAction, Policies};
pub use expected::Expected;
pub use in_process::InProcess;
pub use recorder::{Event, Recorder};
pub use report::Report;
pub use script::{Act, Script, ScriptedStep};

/// Generates a test for each case of the suite, against the engine that the expression creates.
///
/// The calling crate needs `tokio` with the features `macros` and `rt-multi-thread`.
#[macro_export]
macro_rules! suite {
    ($engine:expr) => {
        $crate::__cases! { $engine =>
            straight { goes_through, a_fault_fails_the_run, retries_until_it_works, gives_up_after_its_retries,
                retries_only_what_its_policy_allows, a_step_that_takes_too_long_faults }
            decisions { each_outcome_is_a_way, a_decision_that_faults_fails_the_run }
            rounds { goes_round_as_often_as_it_must, faults_past_its_bound, undoes_every_round }
            fork { branches_meet, a_fault_in_a_branch_undoes_all, a_branch_that_did_nothing_owes_nothing }
            message { a_message_is_a_run_of_its_own, a_fault_of_a_message_stays_its_own }
            rollback { the_drawing_leads_back, a_fault_leads_back, what_was_not_done_is_not_undone,
                a_compensation_is_tried_again, cancelled_a_run_rolls_back }
            stuck { stays_owed, retried_it_is_undone, resolved_it_is_undone, skipped_it_stays_as_it_is,
                others_are_undone_all_the_same }
            panics { in_a_step, in_a_decision, in_a_compensation, in_a_branch, in_a_message }
            discard { a_retry_sees_the_context_from_before, a_rollback_sees_the_context_from_before }
            doubt { not_done_after_a_fault_is_not_believed, not_done_after_a_timeout_is_not_believed,
                not_done_after_a_crash_is_not_believed, faults_that_did_nothing_owe_nothing,
                one_fault_that_may_have_done_it_is_enough, what_was_interrupted_is_not_tried_again,
                crashes_use_up_no_retries, the_last_attempt_is_told, the_fault_is_told, the_arrow_is_told,
                the_cancel_is_told, a_crash_forgets_no_cause }
            crash { in_a_step, in_a_branch, in_a_round, in_a_compensation, in_a_message, before_a_decision }
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __cases {
    ($engine:expr => $($group:ident { $($case:ident),* $(,)? })*) => {
        $(mod $group {
            #[allow(unused_imports)]
            use super::*;
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                $crate::cases::$group::$case(&$engine).await;
            })*
        })*
    };
}
