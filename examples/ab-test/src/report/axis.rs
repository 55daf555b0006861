//! Maps numbers to positions in a plot.

/// An axis along a side of the plot.
#[derive(Clone, Copy, Debug)]
pub(super) struct Axis {
    low: f64,
    high: f64,
    from: f64,
    to: f64,
}

impl Axis {
    /// An axis between two positions that shows all of these numbers, with a margin.
    pub(super) fn over(numbers: impl IntoIterator<Item = f64>, from: f64, to: f64) -> Self {
        let finite = numbers.into_iter().filter(|number| number.is_finite());
        let (low, high) = finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), number| {
            (low.min(number), high.max(number))
        });
        let (low, high) = if low < high { (low, high) } else { (low.min(0.0) - 1.0, low.max(0.0) + 1.0) };
        let (low, high) = if low.is_finite() && high.is_finite() { (low, high) } else { (-1.0, 1.0) };
        let room = (high - low) * 0.06;
        Self { low: low - room, high: high + room, from, to }
    }

    /// The position of a number. Numbers beyond an end are shown at that end.
    pub(super) fn place(&self, number: f64) -> f64 {
        let part = ((number - self.low) / (self.high - self.low)).clamp(0.0, 1.0);
        self.from + part * (self.to - self.from)
    }

    /// About five round numbers.
    pub(super) fn ticks(&self) -> Vec<f64> {
        let rough = (self.high - self.low) / 5.0;
        let power = 10_f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0].map(|times| times * power).into_iter().find(|step| *step >= rough);
        let step = step.unwrap_or(rough);
        let first = (self.low / step).ceil() * step;
        (0..12_u8).map(|nth| first + step * f64::from(nth)).take_while(|tick| *tick <= self.high).collect()
    }
}
