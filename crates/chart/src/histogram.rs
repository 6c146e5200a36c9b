//! Histograms of one or more sets of values over common bins: the scores of normal and of unusual items.

use std::fmt::Write as _;

use crate::frame::{Frame, ROW};
use crate::markup::escape;
use crate::picture::{Drawing, Picture, Sample};
use crate::scale::{Scale, short};
use crate::theme::COLOURS;

/// The fewest and the most bins that are aimed at.
const BINS: (f64, f64) = (10.0, 40.0);

/// Shares of sets of values in common bins, on their way to SVG.
///
/// Each set is drawn as shares of itself, so that a small one is seen beside a large one. The axis is
/// logarithmic where all values are above zero and the largest is more than a hundred times the
/// least.
///
/// ```
/// use ressac_chart::Histogram;
/// let svg = Histogram::new("Scores")
///     .x_label("reconstruction error")
///     .values("normal", &[0.1, 0.2, 0.2, 0.3])
///     .values("unusual", &[0.7, 0.9])
///     .mark(0.5, "threshold")
///     .render();
/// assert!(svg.contains("normal (4)") && svg.contains("threshold"));
/// ```
#[derive(Clone, Debug)]
pub struct Histogram {
    title: String,
    x_label: String,
    sets: Vec<(String, Vec<f64>)>,
    marks: Vec<(f64, String)>,
}

impl Histogram {
    /// A histogram without values yet.
    pub fn new(title: impl Into<String>) -> Self {
        Histogram {
            title: title.into(),
            x_label: String::new(),
            sets: Vec::new(),
            marks: Vec::new(),
        }
    }

    /// What the values are, with their unit.
    #[must_use]
    pub fn x_label(mut self, label: impl Into<String>) -> Self {
        self.x_label = label.into();
        self
    }

    /// A set of values; two can be compared well. NaN and infinite numbers are left out, also of the
    /// number that shares are of, and the plot says how many they are.
    #[must_use]
    pub fn values(mut self, name: impl Into<String>, values: &[f64]) -> Self {
        self.sets.push((name.into(), values.to_vec()));
        self
    }

    /// A dashed vertical at x, with a word beside it: a threshold. One that has no place on the axis
    /// (not finite, or not above zero where it is logarithmic) is not drawn.
    #[must_use]
    pub fn mark(mut self, x: f64, word: impl Into<String>) -> Self {
        self.marks.push((x, word.into()));
        self
    }

    /// The histogram as an SVG file, self-contained.
    pub fn render(&self) -> String {
        self.picture().file()
    }

    fn drawn(&self) -> impl Iterator<Item = f64> {
        let values = self.sets.iter().flat_map(|(_, values)| values);
        values.copied().filter(|value| value.is_finite())
    }

    /// The axis of the values and the number of bins; in round parts where it is linear.
    fn bins(&self) -> Option<(Scale, usize)> {
        let largest = self.sets.iter().map(|(_, values)| values.len()).max();
        let aim = (largest? as f64).sqrt().clamp(BINS.0, BINS.1);
        let marks = || self.marks.iter().map(|(x, _)| *x).filter(|x| x.is_finite());
        // A mark decides where the axis ends, not of which kind it is.
        self.drawn().next()?;
        let wide = Scale::skewed(self.drawn(), marks().filter(|x| *x > 0.0), 6);
        if let Some(scale) = wide {
            return Some((scale, aim as usize));
        }
        let scale = Scale::around(self.drawn().chain(marks()), 6)?;
        let parts = scale.ticks.len().saturating_sub(1).max(1);
        let each = (aim / parts as f64).round().max(1.0) as usize;
        Some((scale, parts * each))
    }
}

impl Drawing for Histogram {
    fn picture(&self) -> Picture {
        let mut picture = Picture::titled(&self.title);
        picture.style(STYLE);
        let counts: Vec<usize> = self.sets.iter().map(|(_, v)| finite(v)).collect();
        let names = self.sets.iter().zip(&counts);
        let names: Vec<String> = names
            .map(|((name, _), count)| match name.is_empty() {
                true => String::new(),
                false => format!("{name} ({count})"),
            })
            .collect();
        let entries = names.iter().enumerate();
        let entries: Vec<_> = entries
            .map(|(index, name)| (name.as_str(), Sample::Area(index)))
            .collect();
        picture.legend(&entries);
        let of = match self.sets.len() {
            0 | 1 => "share, %",
            _ => "share of each set, %",
        };
        picture.say(0.0, "start", of);
        picture.height += 16.0;
        let Some((x, bins)) = self.bins() else {
            picture.say_no_data();
            return picture;
        };
        let shares: Vec<Vec<f64>> = self
            .sets
            .iter()
            .map(|(_, values)| shares(values, &x, bins))
            .collect();
        let tops = shares.iter().flatten().copied();
        let Some(y) = Scale::around([0.0].into_iter().chain(tops), 5) else {
            picture.say_no_data();
            return picture;
        };
        let frame = Frame::below(picture.height, x, y);
        let body = &mut picture.body;
        frame.axes(body);
        let edge = |bin: usize| {
            let part = bin as f64 / bins as f64;
            frame.left + part * (frame.right - frame.left)
        };
        for (index, shares) in shares.iter().enumerate() {
            outline(body, index, shares, &frame, edge);
        }
        // Under the mouse, a bin says what it holds.
        for bin in (0..bins).filter(|bin| shares.iter().any(|shares| shares[*bin] > 0.0)) {
            let said = self.said(&frame.x, (bin, bins), &shares);
            let (from, to) = (edge(bin), edge(bin + 1));
            let _ = write!(
                body,
                "<path class=\"bin\" d=\"M{from:.1} {:.1}H{to:.1}V{:.1}H{from:.1}z\"><title>{}</title></path>",
                frame.top,
                frame.bottom,
                escape(&said)
            );
        }
        let shown = |at: &f64| at.is_finite() && (!frame.x.log || *at > 0.0);
        for (at, word) in self.marks.iter().filter(|(at, _)| shown(at)) {
            frame.mark(body, *at, word);
        }
        picture.height = frame.bottom + 8.0 + ROW;
        let middle = f64::midpoint(frame.left, frame.right);
        picture.say(middle, "middle", &self.x_label);
        let all: usize = self.sets.iter().map(|(_, values)| values.len()).sum();
        let left_out = all - counts.iter().sum::<usize>();
        if left_out > 0 {
            let words = format!("{left_out} missing or infinite, not shown");
            picture.say(middle, "middle", &words);
        }
        picture
    }
}

impl Histogram {
    /// `0.1 to 0.2: normal 12 %, unusual 0 %`.
    fn said(&self, x: &Scale, (bin, bins): (usize, usize), shares: &[Vec<f64>]) -> String {
        let end = |bin: usize| short(x.value_at(bin as f64 / bins as f64));
        let sets = self.sets.iter().zip(shares);
        let sets = sets.map(|((name, _), shares)| {
            let share = short((shares[bin] * 10.0).round() / 10.0);
            format!("{name} {share} %").trim_start().to_owned()
        });
        let sets: Vec<String> = sets.collect();
        format!("{} to {}: {}", end(bin), end(bin + 1), sets.join(", "))
    }
}

const STYLE: &str = ".ressac-plot .area{fill-opacity:.3;stroke-width:1.5;stroke-linejoin:round}\
.ressac-plot .bin{stroke:none;pointer-events:all}\
@media (max-width:600px){.ressac-plot .area{stroke-width:2.5}}";

fn finite(values: &[f64]) -> usize {
    values.iter().filter(|value| value.is_finite()).count()
}

/// Percent of the finite values in each of the bins, which are equally wide on the axis.
fn shares(values: &[f64], x: &Scale, bins: usize) -> Vec<f64> {
    let mut counts = vec![0_u64; bins];
    for value in values.iter().filter(|value| value.is_finite()) {
        // A value on an edge belongs to the bin above it, whatever rounding made of its place.
        let place = x.place(*value).clamp(0.0, 1.0) * bins as f64;
        let bin = (place + 1e-9) as usize;
        counts[bin.min(bins - 1)] += 1;
    }
    let total = finite(values).max(1) as f64;
    let counts = counts.iter();
    counts.map(|count| 100.0 * *count as f64 / total).collect()
}

/// A set as steps from the axis up to its shares; bins without a value are gaps in it.
fn outline(
    body: &mut String,
    index: usize,
    shares: &[f64],
    frame: &Frame,
    edge: impl Fn(usize) -> f64,
) {
    let (mut path, mut open) = (String::new(), false);
    for (bin, share) in shares.iter().enumerate() {
        if *share > 0.0 {
            if !open {
                let _ = write!(path, "M{:.1} {:.1}", edge(bin), frame.bottom);
            }
            let _ = write!(path, "V{:.1}H{:.1}", frame.up(*share), edge(bin + 1));
        } else if open {
            let _ = write!(path, "V{:.1}z", frame.bottom);
        }
        open = *share > 0.0;
    }
    if open {
        let _ = write!(path, "V{:.1}z", frame.bottom);
    }
    if !path.is_empty() {
        let colour = index % COLOURS + 1;
        let _ = write!(
            body,
            "<path class=\"area fill-{colour} line-{colour}\" d=\"{path}\"/>"
        );
    }
}
