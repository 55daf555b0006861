//! The flow of the generated gateway with lanes that do nothing: what is left is what the flow costs.

use std::hint::black_box;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use api_gateway::Exchange;
use api_gateway::drawing::aggregator::CompleteEnough;
use api_gateway::drawing::backends::WhatCame;
use api_gateway::drawing::gateway::WellFormed;
use api_gateway::drawing::identity::Authenticated;
use api_gateway::drawing::limits::{GlobalQuotaLeft, WithinLimits};
use api_gateway::drawing::router::{HowManyBackends, RouteFound};
use api_gateway::drawing::{self, End, Flow};
use flowgen::{Fork, Result as Flowing, Visit};

use crate::figures::Spread;
use crate::ready::now;

const ROUNDS: usize = 15;
const RUNS: u32 = 20_000;

/// As large as what a run of the gateway carries along.
struct Carried([u8; size_of::<Exchange>()]);

struct Nothing;

/// The least time of a run, which is not disturbed by what else the machine does.
pub(super) fn run() -> Result<Duration> {
    let runner = Flow {
        gateway: Nothing,
        limits: Nothing,
        router: Nothing,
        identity: Nothing,
        backends: Nothing,
        aggregator: Nothing,
    }
    .into_runner();
    let run = || now(runner.run_with_id("0123456789abcdef0123456789abcdef", Carried([0; _])));
    ensure!(run().outcome.is_completed_at(End::Answered), "it took another way");
    let rounds = (0..ROUNDS).map(|_| {
        let begun = Instant::now();
        for _ in 0..RUNS {
            black_box(run().cx.0[0]);
        }
        begun.elapsed() / RUNS
    });
    Ok(Spread::of(rounds).least)
}

impl Fork for Carried {
    fn fork(&self) -> Self {
        Self(self.0)
    }

    fn join(&mut self, _: Self) {}
}

impl drawing::gateway::Gateway<Carried> for Nothing {
    async fn screen_request(&self, _: &mut Carried, _: &Visit) -> Flowing {
        Ok(())
    }
    async fn well_formed(&self, _: &Carried, _: &Visit) -> Flowing<WellFormed> {
        Ok(WellFormed::Yes)
    }
    async fn answer(&self, _: &mut Carried, _: &Visit) -> Flowing {
        Ok(())
    }
}

impl drawing::limits::Limits<Carried> for Nothing {
    async fn take_global_quota(&self, _: &mut Carried, _: &Visit) -> Flowing {
        Ok(())
    }
    async fn global_quota_left(&self, _: &Carried, _: &Visit) -> Flowing<GlobalQuotaLeft> {
        Ok(GlobalQuotaLeft::Yes)
    }
    async fn take_client_and_route_quota(&self, _: &mut Carried, _: &Visit) -> Flowing {
        Ok(())
    }
    async fn within_limits(&self, _: &Carried, _: &Visit) -> Flowing<WithinLimits> {
        Ok(WithinLimits::Yes)
    }
}

impl drawing::router::Router<Carried> for Nothing {
    async fn find_route(&self, _: &mut Carried, _: &Visit) -> Flowing {
        Ok(())
    }
    async fn route_found(&self, _: &Carried, _: &Visit) -> Flowing<RouteFound> {
        Ok(RouteFound::Yes)
    }
    async fn how_many_backends(&self, _: &Carried, _: &Visit) -> Flowing<HowManyBackends> {
        Ok(HowManyBackends::One)
    }
}

impl drawing::identity::Identity<Carried> for Nothing {
    async fn verify_token(&self, _: &mut Carried, _: &Visit) -> Flowing {
        Ok(())
    }
    async fn authenticated(&self, _: &Carried, _: &Visit) -> Flowing<Authenticated> {
        Ok(Authenticated::Yes)
    }
}

impl drawing::backends::Backends<Carried> for Nothing {
    async fn forward_request(&self, _: &mut Carried, _: &Visit) -> Flowing {
        Ok(())
    }
    async fn what_came(&self, _: &Carried, _: &Visit) -> Flowing<WhatCame> {
        Ok(WhatCame::AnAnswer)
    }
    async fn back_off(&self, _: &mut Carried, _: &Visit) -> Flowing {
        Ok(())
    }
}

impl drawing::aggregator::Aggregator<Carried> for Nothing {
    async fn split_request(&self, _: &mut Carried, _: &Visit) -> Flowing {
        Ok(())
    }
    async fn ask_for_required_parts(&self, _: &mut Carried, _: &Visit) -> Flowing {
        Ok(())
    }
    async fn ask_for_optional_parts(&self, _: &mut Carried, _: &Visit) -> Flowing {
        Ok(())
    }
    async fn join_answers(&self, _: &mut Carried, _: &Visit) -> Flowing {
        Ok(())
    }
    async fn complete_enough(&self, _: &Carried, _: &Visit) -> Flowing<CompleteEnough> {
        Ok(CompleteEnough::Yes)
    }
}
