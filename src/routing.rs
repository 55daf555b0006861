//! Ids of values, and the inputs and output of a visit as ids.
//!
//! The interpreter routes ids and never reads a value, so a run has no type parameter for its values.

use std::num::NonZeroU32;
use std::sync::Arc;

/// Identifies a value in its run.
///
/// A run numbers its values in the order in which the visits that may give them begin. A message continues the
/// numbers of its sender, so that its own values differ from those that it inherits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(transparent))]
pub struct ValueId(NonZeroU32);

impl ValueId {
    /// The first id of a run: that of the input of its start.
    pub(crate) const FIRST: Self = Self(NonZeroU32::MIN);

    /// The next id.
    #[must_use]
    pub(crate) fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// The number.
    #[must_use]
    pub fn get(self) -> u32 {
        self.0.get()
    }
}

/// The values that a visit gets for one of its inputs. Names are given by their index in the plan.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) enum Route {
    /// The latest value of a name, if there is one.
    One(u32, Option<ValueId>),
    /// The list of a name.
    List(u32, Vec<ValueId>),
    /// The cause of the rollback, which the visit has.
    Cause,
}

impl Route {
    /// Passes each id to `show`.
    pub(crate) fn each_id(&self, show: &mut impl FnMut(ValueId)) {
        match self {
            Self::One(_, id) => id.iter().copied().for_each(show),
            Self::List(_, ids) => ids.iter().copied().for_each(show),
            Self::Cause => {}
        }
    }
}

/// The inputs of a visit, in the order of [`NodeSpec::takes`](crate::plan::NodeSpec::takes). `None` if it takes
/// nothing, which needs no allocation.
pub(crate) type Routes = Option<Arc<[Route]>>;

/// The inputs and the output of a visit, as ids. A [`Visit`](crate::Visit) contains it.
///
/// An engine that calls a step in another process passes it on: see
/// [`Visit::with_routing`](crate::Visit::with_routing).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Routing {
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub(crate) routes: Routes,
    /// The id of the value that the visit may give.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub(crate) value: Option<ValueId>,
    /// Whether the visit asks if the step was done.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "std::ops::Not::not"))]
    pub(crate) is_inquiry: bool,
    /// At a compensation: whether the visit that it undoes is known to be done.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "std::ops::Not::not"))]
    pub(crate) undoes_done: bool,
    /// At a compensation: the id of the value that this visit gave.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub(crate) undoes_value: Option<ValueId>,
}
