//! The test of Page and Hinkley: a sum of what lies beyond the mean.

/// Values of a stream before which there is no alarm.
const LEAST: u64 = 30;

/// What a sum keeps from one value to the next.
const KEPT: f64 = 1.0 - 0.0001;

/// Watches the mean of a stream: sums, value by value, what lies above the mean so far by more than an allowance, and what
/// lies below it by more, both fading slowly; an alarm comes once one of the sums has climbed from its lowest point by more
/// than a threshold. After an alarm all begins anew. As in the package `river` with its defaults (30 values before the first
/// alarm, sums times 0.9999).
///
/// Page, "Continuous inspection schemes" (1954), Biometrika 41; Hinkley, "Inference about the change-point from
/// cumulative sum tests" (1971), Biometrika 58.
#[derive(Clone, Debug, PartialEq)]
pub struct PageHinkley {
    allowance: f64,
    threshold: f64,
    count: u64,
    mean: f64,
    rise: f64,
    fall: f64,
    lowest: f64,
    highest: f64,
}

impl PageHinkley {
    /// With an allowance (0.005 is usual) and a threshold (50), both in the unit of the values. Nothing if the allowance is
    /// below 0, the threshold not above 0, or one of them not finite.
    pub fn new(allowance: f64, threshold: f64) -> Option<Self> {
        let usable = allowance >= 0.0 && threshold > 0.0;
        (usable && allowance.is_finite() && threshold.is_finite())
            .then(|| Self::begun(allowance, threshold))
    }

    fn begun(allowance: f64, threshold: f64) -> Self {
        PageHinkley {
            allowance,
            threshold,
            count: 0,
            mean: 0.0,
            rise: 0.0,
            fall: 0.0,
            lowest: f64::INFINITY,
            highest: f64::NEG_INFINITY,
        }
    }

    /// Takes the next value; whether the mean has changed. A value that is not finite is left out.
    pub fn next(&mut self, value: f64) -> bool {
        if !value.is_finite() {
            return false;
        }
        self.count += 1;
        self.mean += (value - self.mean) / self.count as f64;
        let beyond = value - self.mean;
        self.rise = KEPT * self.rise + beyond - self.allowance;
        self.fall = KEPT * self.fall + beyond + self.allowance;
        self.lowest = self.lowest.min(self.rise);
        self.highest = self.highest.max(self.fall);
        let climbed = (self.rise - self.lowest).max(self.highest - self.fall);
        let alarm = self.count >= LEAST && climbed > self.threshold;
        if alarm {
            *self = Self::begun(self.allowance, self.threshold);
        }
        alarm
    }

    /// Values since the beginning or the last alarm.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The mean of these values; 0 if there is none.
    pub fn mean(&self) -> f64 {
        self.mean
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_either_way_gives_an_alarm_and_what_is_no_number_is_left_out() {
        for to in [1.0, -1.0] {
            let mut stream = PageHinkley::new(0.01, 3.0).unwrap();
            assert!((0..500).all(|at| !stream.next(f64::from(at % 3) * 0.01)));
            let before = stream.clone();
            assert!(!stream.next(f64::NAN) && !stream.next(f64::INFINITY));
            assert_eq!(stream, before);
            let found = (0..10).position(|_| stream.next(to));
            assert_eq!(found, Some(3), "{to}");
            assert_eq!((stream.count(), stream.mean()), (0, 0.0));
        }
        for (allowance, threshold) in [
            (-0.1, 1.0),
            (0.1, 0.0),
            (f64::NAN, 1.0),
            (0.0, f64::INFINITY),
        ] {
            assert_eq!(PageHinkley::new(allowance, threshold), None);
        }
    }
}
