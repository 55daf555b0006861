/// What a search that is not linear may still cost, so that no drawing makes it run for minutes.
pub(crate) struct Budget(usize);

impl Budget {
    pub(crate) fn new(steps: usize) -> Self {
        Self(steps)
    }

    /// Takes `steps` off. False, from then on, where they are no longer there.
    pub(crate) fn spend(&mut self, steps: usize) -> bool {
        let left = self.0.checked_sub(steps);
        self.0 = left.unwrap_or(0);
        left.is_some()
    }
}
