//! The enum of values of a typed flow.

use super::inputs::Inputs;
use crate::fault::Result;
use crate::flow::Node;

/// The values of a typed flow, as an enum with a variant for each name. Implemented by generated code.
pub trait Value: Clone + Send + Sync + 'static {
    /// The nodes of the drawing.
    type Node: Node;

    /// The ends of the flow, with their inputs.
    type End;

    /// The name of this value, by its index in [`Plan::names`](crate::plan::Plan::names).
    fn name(&self) -> u32;

    /// Creates an end from its inputs. `None` if the node is not an end.
    ///
    /// # Errors
    ///
    /// If an input cannot be read.
    fn end(at: Self::Node, inputs: &Inputs<'_, Self>) -> Result<Option<Self::End>>;
}
