//! How much may be done at once.

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
    pub(in crate::runner) struct Limits(Scoped<Arc<Semaphore>>);

    impl Limits {
        pub(in crate::runner) const fn new() -> Self {
            Self(Scoped::new())
        }

        pub(in crate::runner) fn set(&mut self, scope: Scope, most: usize) {
            self.0.set(scope, Arc::new(Semaphore::new(most.clamp(1, Semaphore::MAX_PERMITS))));
        }

        /// Waits for its turn. The semaphores are never closed, so there is always a permit to come.
        pub(in crate::runner) async fn enter(&self, at: u32, node: &NodeSpec) -> Option<SemaphorePermit<'_>> {
            match self.0.get(at, node) {
                Some(semaphore) => semaphore.acquire().await.ok(),
                None => None,
            }
        }
    }
}

#[cfg(not(feature = "tokio"))]
mod unlimited {
    use super::NodeSpec;

    #[derive(Clone, Debug)]
    pub(in crate::runner) struct Limits;

    /// A permit where nothing is limited.
    pub(in crate::runner) struct Free;

    impl Limits {
        pub(in crate::runner) const fn new() -> Self {
            Self
        }

        #[expect(clippy::unused_self, reason = "the same call as where there are limits")]
        pub(in crate::runner) fn enter(&self, _: u32, _: &NodeSpec) -> std::future::Ready<Free> {
            std::future::ready(Free)
        }
    }
}
