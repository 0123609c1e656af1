//! From values to places on a chart, and the values that are worth a line.

/// How distances on a chart relate to values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// Equal ratios are equal distances; for times of very different size.
    Log,
    /// Equal differences are equal distances; for bars, which begin at 0.
    Linear,
}

/// The values of one direction of a chart.
#[derive(Clone, Copy, Debug)]
pub struct Axis {
    scale: Scale,
    low: f64,
    high: f64,
    /// A value in words.
    pub show: fn(f64) -> String,
}

/// Fewer lines on a logarithmic axis say too little.
const FEWEST_TICKS: usize = 3;
/// More lines are clutter.
const MOST_TICKS: usize = 8;
/// Free room at either end, as a share of the axis.
const ROOM: f64 = 0.03;
/// Smallest ratio of the ends of a logarithmic axis: less would magnify nothing.
const NARROWEST: f64 = 1.1;

impl Axis {
    /// An axis that holds every finite value (a logarithmic one every positive value, a linear one 0 too);
    /// `None` without one.
    pub fn covering(
        scale: Scale,
        values: impl IntoIterator<Item = f64>,
        show: fn(f64) -> String,
    ) -> Option<Self> {
        let values: Vec<f64> = values
            .into_iter()
            .filter(|value| value.is_finite() && (scale == Scale::Linear || *value > 0.0))
            .collect();
        let low = values.iter().copied().reduce(f64::min)?;
        let high = values.iter().copied().reduce(f64::max)?;
        let (low, high) = match scale {
            Scale::Linear => (low.min(0.0), if high > 0.0 { high } else { 1.0 }),
            Scale::Log if high / low < NARROWEST => {
                (low / NARROWEST.sqrt(), high * NARROWEST.sqrt())
            }
            Scale::Log => (low, high),
        };
        Some(Self { scale, low, high, show })
    }

    /// Where a value lies, 0 to 1; beyond an end it is at the end.
    pub fn place(&self, value: f64) -> f64 {
        let share = match self.scale {
            Scale::Linear => (value - self.low) / (self.high - self.low),
            Scale::Log if value <= self.low => 0.0,
            Scale::Log => (value / self.low).ln() / (self.high / self.low).ln(),
        };
        let room = match self.scale {
            Scale::Linear if self.low == 0.0 => 0.0,
            Scale::Linear | Scale::Log => ROOM,
        };
        let share = if share.is_nan() { 0.0 } else { share.clamp(0.0, 1.0) };
        share.mul_add(1.0 - room - ROOM, room)
    }

    /// The values of the grid lines.
    pub fn ticks(&self) -> Vec<f64> {
        if self.scale == Scale::Linear {
            return self.even();
        }
        let inside = |steps: &[f64]| -> Vec<f64> {
            let decades = self.low.log10().floor() as i32..=self.high.log10().ceil() as i32;
            decades
                .flat_map(|decade| steps.iter().map(move |step| step * 10_f64.powi(decade)))
                .filter(|value| (self.low..=self.high).contains(value))
                .collect()
        };
        [&[1.0, 2.0, 5.0][..], &[1.0, 3.0], &[1.0]]
            .into_iter()
            .map(inside)
            .find(|ticks| ticks.len() <= MOST_TICKS)
            .filter(|ticks| ticks.len() >= FEWEST_TICKS)
            .unwrap_or_else(|| self.even())
    }

    /// Steps of 1, 2 or 5 times a power of ten.
    fn even(&self) -> Vec<f64> {
        let rough = (self.high - self.low) / 5.0;
        let power = 10_f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0]
            .into_iter()
            .map(|step| step * power)
            .find(|step| *step >= rough)
            .unwrap_or(rough);
        let (first, last) = ((self.low / step).ceil() as i64, (self.high / step).floor() as i64);
        (first..=last).take(2 * MOST_TICKS).map(|index| index as f64 * step).collect()
    }
}

/// A grid line's time: `100 ms`, `2 s`.
pub fn seconds(value: f64) -> String {
    let size = value.abs();
    let (value, unit) = if value == 0.0 || size >= 1.0 {
        (value, "s")
    } else if size >= 1e-3 {
        (value * 1e3, "ms")
    } else if size >= 1e-6 {
        (value * 1e6, "\u{b5}s")
    } else {
        (value * 1e9, "ns")
    };
    format!("{} {unit}", short(value))
}

/// A grid line's ratio: `1.05x`.
pub fn ratio(value: f64) -> String {
    format!("{}x", short(value))
}

/// A place in a sequence.
pub fn ordinal(value: f64) -> String {
    short(value)
}

fn short(value: f64) -> String {
    let text = format!("{value:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticks(scale: Scale, values: &[f64]) -> Vec<String> {
        let axis = Axis::covering(scale, values.iter().copied(), seconds).expect("it has values");
        axis.ticks().into_iter().map(axis.show).collect()
    }

    #[test]
    fn grid_lines_are_few_and_round() {
        assert_eq!(
            ticks(Scale::Log, &[0.09, 12.0]),
            ["100 ms", "200 ms", "500 ms", "1 s", "2 s", "5 s", "10 s"]
        );
        assert_eq!(
            ticks(Scale::Log, &[0.0001, 90.0]),
            ["100 \u{b5}s", "1 ms", "10 ms", "100 ms", "1 s", "10 s"]
        );
        assert_eq!(
            ticks(Scale::Log, &[10.0, 10.0]),
            ["9.6 s", "9.8 s", "10 s", "10.2 s", "10.4 s"]
        );
        assert_eq!(ticks(Scale::Linear, &[9.64]), ["0 s", "2 s", "4 s", "6 s", "8 s"]);
    }

    #[test]
    fn every_value_has_a_place() {
        assert!(
            Axis::covering(Scale::Log, [0.0, f64::NAN, f64::INFINITY, -1.0], seconds).is_none()
        );
        for scale in [Scale::Log, Scale::Linear] {
            for values in [&[1.0][..], &[0.5, 80.0], &[1e-9, 1e9], &[f64::MAX, f64::MIN_POSITIVE]] {
                let axis = Axis::covering(scale, values.iter().copied(), seconds).expect("values");
                for value in [f64::NAN, f64::NEG_INFINITY, -1.0, 0.0, 1.0, 1e300, f64::INFINITY] {
                    assert!((0.0..=1.0).contains(&axis.place(value)), "{axis:?} {value}");
                }
                assert!(axis.ticks().len() <= 2 * MOST_TICKS, "{axis:?}");
            }
        }
    }

    #[test]
    fn larger_values_lie_further_to_the_right() {
        let axis = Axis::covering(Scale::Log, [0.1, 10.0], seconds).expect("it has values");
        assert!(axis.place(0.1) < axis.place(1.0) && axis.place(1.0) < axis.place(10.0));
        assert!((axis.place(1.0) - 0.5).abs() < 1e-9);
    }
}
