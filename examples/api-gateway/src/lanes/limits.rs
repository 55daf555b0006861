//! The lane `Limits`: enforces the rate limits.

use std::sync::Arc;

use flowgen::{Result, Visit};

use crate::Exchange;
use crate::drawing::limits::{self as drawn, GlobalQuotaLeft, WithinLimits};
use crate::quota::{self, Bucket, Buckets, Runtime, too_many};
use crate::settings::Quotas;
use crate::transfer::network::Network;

/// Counts requests: all of them, those of a client, and those of a route.
#[derive(Debug)]
pub struct Limits {
    addresses: Buckets<Network>,
    global: Bucket,
    clients: Buckets<Client>,
    clock: Runtime,
}

/// The key of a client's limit.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Client {
    Subject(Arc<str>),
    Address(Network),
}

impl Limits {
    pub(crate) fn new(quotas: Quotas, clock: Runtime) -> Self {
        let (global, clients) = (quota::bucket(quotas.global, &clock), quota::buckets(quotas.client, &clock));
        Self { addresses: quota::buckets(quotas.address, &clock), global, clients, clock }
    }

    /// Removes clients without recent requests, so that a large number of clients does not fill the memory.
    pub(crate) fn forget_the_quiet(&self) {
        self.addresses.retain_recent();
        self.clients.retain_recent();
    }
}

impl drawn::Limits<Exchange> for Limits {
    /// Runs before all expensive steps. The limit of the address is checked first: one client, with or without
    /// tokens, must not use up the share of the others.
    async fn take_global_quota(&self, exchange: &mut Exchange, _: &Visit) -> Result {
        if let Err(until) = self.addresses.check_key(&exchange.client.into()) {
            exchange.refuse(too_many("from your address", &until, &self.clock));
        } else if let Err(until) = self.global.check() {
            exchange.refuse(too_many("came at once", &until, &self.clock));
        }
        Ok(())
    }

    async fn global_quota_left(&self, exchange: &Exchange, _: &Visit) -> Result<GlobalQuotaLeft> {
        Ok(if exchange.refusal.is_some() { GlobalQuotaLeft::No } else { GlobalQuotaLeft::Yes })
    }

    /// The limit of the client is checked first: a client that sends too much must not use up the limit of the
    /// route.
    async fn take_client_and_route_quota(&self, exchange: &mut Exchange, _: &Visit) -> Result {
        let client = match &exchange.subject {
            Some(subject) => Client::Subject(Arc::clone(subject)),
            None => Client::Address(exchange.client.into()),
        };
        let problem = match self.clients.check_key(&client) {
            Err(until) => Some(too_many("of yours", &until, &self.clock)),
            Ok(()) => {
                let route = exchange.route()?.limit();
                let over = route.and_then(|limit| limit.check().err());
                over.map(|until| too_many("for this route", &until, &self.clock))
            }
        };
        exchange.refusal = problem;
        Ok(())
    }

    async fn within_limits(&self, exchange: &Exchange, _: &Visit) -> Result<WithinLimits> {
        Ok(if exchange.refusal.is_some() { WithinLimits::No } else { WithinLimits::Yes })
    }
}
