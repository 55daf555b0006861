/// Bounds the cost of searches that take more than linear time, so that every drawing is analyzed within
/// seconds.
pub(crate) struct Budget(usize);

/// Error of a search that was stopped because it had used up its budget. Its result is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OverBudget;

impl Budget {
    /// A budget of `steps`: nodes and edges that may be visited.
    pub(crate) fn new(steps: usize) -> Self {
        Self(steps)
    }

    /// Takes `steps` off the budget.
    ///
    /// # Errors
    ///
    /// [`OverBudget`] if fewer are left; the rest is used up then.
    pub(crate) fn spend(&mut self, steps: usize) -> Result<(), OverBudget> {
        let left = self.0.checked_sub(steps);
        self.0 = left.unwrap_or(0);
        left.map(drop).ok_or(OverBudget)
    }
}
