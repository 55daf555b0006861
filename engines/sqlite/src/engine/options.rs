//! Options for opening a file whose runs may have been saved by another version of the program.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use flowgen::Node;

use super::contexts::{BoxError, Contexts};

/// How [`Engine::open_with`](super::Engine::open_with) treats runs that were saved by another version of the
/// program.
///
/// # Examples
///
/// An order had one address. Now it has one to ship to and one for the bill.
///
/// ```
/// use flowgen_sqlite::Options;
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize)]
/// struct Order {
///     ship_to: String,
///     bill_to: String,
/// }
///
/// #[derive(Deserialize)]
/// struct OrderV1 {
///     address: String,
/// }
///
/// # fn options<N: flowgen::Node>() -> Options<N, Order> {
/// let options = Options::new().contexts(2, |version, json| match version {
///     1 => {
///         let OrderV1 { address } = serde_json::from_str(json)?;
///         Ok(Order { ship_to: address.clone(), bill_to: address })
///     }
///     other => Err(format!("nothing is known of version {other}").into()),
/// });
/// # options
/// # }
/// ```
pub struct Options<N, Cx> {
    pub(super) repeats: Vec<u32>,
    pub(super) contexts: Contexts<Cx>,
    node: PhantomData<fn() -> N>,
}

impl<N, Cx> Default for Options<N, Cx> {
    fn default() -> Self {
        Self { repeats: Vec::new(), contexts: Contexts::default(), node: PhantomData }
    }
}

impl<N, Cx> Clone for Options<N, Cx> {
    fn clone(&self) -> Self {
        Self { repeats: self.repeats.clone(), contexts: self.contexts.clone(), node: PhantomData }
    }
}

impl<N, Cx> fmt::Debug for Options<N, Cx> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { repeats, contexts, .. } = self;
        f.debug_struct("Options").field("repeats", repeats).field("contexts", contexts).finish()
    }
}

impl<N: Node, Cx> Options<N, Cx> {
    /// No node may be repeated, and contexts have version 1.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Accepts that runs reach this node again although they have passed it, because the drawing was changed. Its
    /// step is called a second time, under another key. Without this, such runs are refused: see
    /// [`flowgen::run::Migration`].
    #[must_use]
    pub fn accept_repeat(mut self, node: N) -> Self {
        self.repeats.push(node.index());
        self
    }

    /// Saves contexts with this version from now on, and reads those of older versions with this function. The
    /// function gets the version and the JSON of the context. Versions begin with 1, which is also the version of
    /// all runs that were saved without one.
    ///
    /// Each branch of a fork has its own context, and the function is called for each. A run has the new version
    /// once it is saved again. If the function fails for a context, the run is refused and stays as it is. The
    /// same holds for a run whose context has a newer version than this, because the program was downgraded.
    #[must_use]
    pub fn contexts(
        mut self,
        version: u32,
        read_older: impl Fn(u32, &str) -> Result<Cx, BoxError> + Send + Sync + 'static,
    ) -> Self {
        self.contexts = Contexts { version, migrate: Some(Arc::new(read_older)) };
        self
    }
}
