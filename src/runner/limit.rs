//! Limits on concurrent attempts.

use crate::plan::NodeSpec;

#[cfg(feature = "tokio")]
pub(super) use limited::Limits;
#[cfg(not(feature = "tokio"))]
pub(super) use unlimited::Limits;

#[cfg(feature = "tokio")]
mod limited {
    use super::NodeSpec;
    use crate::runner::policy::{Scope, Scoped};
    use std::sync::Arc;
    use tokio::sync::{Semaphore, SemaphorePermit};

    /// Permits by scope, shared by all runs of a runner.
    #[derive(Clone, Debug)]
    pub(in crate::runner) struct Limits(Scoped<Limit>);

    /// The permits of one scope.
    #[derive(Clone, Debug)]
    pub(in crate::runner) struct Limit(Arc<Semaphore>);

    impl Limits {
        pub(in crate::runner) const fn new() -> Self {
            Self(Scoped::new())
        }

        pub(in crate::runner) fn set(&mut self, scope: Scope, most: Option<usize>) {
            let limit = |most: usize| Limit(Arc::new(Semaphore::new(most.clamp(1, Semaphore::MAX_PERMITS))));
            self.0.set(scope, most.map(limit));
        }

        /// Returns the limit of a node, if it has one.
        pub(in crate::runner) fn get(&self, at: u32, node: &NodeSpec) -> Option<&Limit> {
            self.0.get(at, node)
        }
    }

    impl Limit {
        /// Waits for a permit. The semaphores are never closed, so this always succeeds.
        pub(in crate::runner) async fn enter(&self) -> Option<SemaphorePermit<'_>> {
            self.0.acquire().await.ok()
        }
    }
}

#[cfg(not(feature = "tokio"))]
mod unlimited {
    use super::NodeSpec;
    use std::future::Ready;

    #[derive(Clone, Debug)]
    pub(in crate::runner) struct Limits;

    /// Without feature `tokio` there are no limits.
    pub(in crate::runner) enum Limit {}

    impl Limits {
        pub(in crate::runner) const fn new() -> Self {
            Self
        }

        #[expect(clippy::unused_self, reason = "the same call as where there are limits")]
        pub(in crate::runner) fn get(&self, _: u32, _: &NodeSpec) -> Option<&Limit> {
            None
        }
    }

    impl Limit {
        pub(in crate::runner) fn enter(&self) -> Ready<Option<()>> {
            match *self {}
        }
    }
}
