//! Reliability diagrams: whether a classifier that says 80 % is right in 80 % of the cases.
//!
//! DeGroot, Fienberg, "The comparison and evaluation of forecasters" (1983), The Statistician 32; in
//! this form Guo, Pleiss, Sun, Weinberger, "On calibration of modern neural networks" (2017), ICML.

use std::fmt::Write as _;

use crate::bars::width;
use crate::frame::{AREA, Frame, LARGE_LETTER, LETTER, LETTER_WIDTH, RIGHT, ROW, WIDTH, text};
use crate::markup::escape;
use crate::picture::{Drawing, Picture, Sample};
use crate::scale::{Scale, short};

/// The line of perfect calibration: the last colour, with dashes.
const DIAGONAL: usize = 11;
/// Height of the area of the counts.
const COUNTS: f64 = 80.0;
/// Part of its bin that a bar fills.
const FILLED: f64 = 0.86;

/// Examples whose confidence, the probability of the predicted class, lies in one part of 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bin {
    /// Lower end of the confidence.
    pub lower: f64,
    /// Upper end of the confidence.
    pub upper: f64,
    /// Mean confidence.
    pub confidence: f64,
    /// Share of right predictions.
    pub accuracy: f64,
    /// Number of examples; a bin with none has no bar.
    pub count: u64,
}

/// Confidence against accuracy, and the number of examples below, on their way to SVG.
///
/// ```
/// use ressac_chart::reliability::{Bin, ReliabilityPlot};
/// let bin = Bin { lower: 0.8, upper: 1.0, confidence: 0.93, accuracy: 0.88, count: 412 };
/// let svg = ReliabilityPlot::new("Calibration", &[bin]).render();
/// assert!(svg.contains("0.8 to 1: accuracy 0.88, confidence 0.93, 412 examples"));
/// ```
#[derive(Clone, Debug)]
pub struct ReliabilityPlot {
    title: String,
    bins: Vec<Bin>,
    words: Words,
}

/// What the axes are called.
#[derive(Clone, Copy, Debug)]
struct Words {
    accuracy: &'static str,
    about: &'static str,
    confidence: &'static str,
    items: &'static str,
}

const OF_EXAMPLES: Words = Words {
    accuracy: "accuracy",
    about: "share of right predictions",
    confidence: "confidence",
    items: "examples",
};

const OF_PAIRS: Words = Words {
    accuracy: "share that holds",
    about: "share of the pairs of an example and a class that holds",
    confidence: "probability",
    items: "pairs",
};

impl ReliabilityPlot {
    /// A plot of these bins. One with an end or a mean that is not a number from 0 to 1 is not drawn.
    pub fn new(title: impl Into<String>, bins: &[Bin]) -> Self {
        ReliabilityPlot {
            title: title.into(),
            bins: bins.to_vec(),
            words: OF_EXAMPLES,
        }
    }

    /// The same of several classes at once: a bin counts pairs of an example and a class, its confidence is the mean
    /// probability that the class holds, its accuracy the share of the pairs in which it does.
    #[must_use]
    pub fn of_pairs(mut self) -> Self {
        self.words = OF_PAIRS;
        self
    }

    /// The plot as an SVG file, self-contained.
    pub fn render(&self) -> String {
        self.picture().file()
    }

    fn drawn(&self) -> impl Iterator<Item = &Bin> {
        let share = |value: &f64| (0.0..=1.0).contains(value);
        self.bins.iter().filter(move |bin| {
            let values = [bin.lower, bin.upper, bin.confidence, bin.accuracy];
            bin.count > 0 && values.iter().all(share) && bin.lower < bin.upper
        })
    }
}

impl Drawing for ReliabilityPlot {
    fn picture(&self) -> Picture {
        let Words {
            accuracy,
            about,
            confidence,
            items,
        } = self.words;
        let mut picture = Picture::titled(&self.title);
        let equal = format!("{confidence} = {accuracy}");
        picture.legend(&[(accuracy, Sample::Bar(0)), (&equal, Sample::Line(DIAGONAL))]);
        picture.say(0.0, "start", about);
        picture.height += 16.0;
        let unit = Scale::within([0.0, 1.0].into_iter(), 2);
        let most = self.drawn().map(|bin| bin.count).max();
        let (Some(y), Some(most)) = (unit, most) else {
            picture.say_no_data();
            return picture;
        };
        let shares = |ticks: usize| Scale {
            ticks: (0..=ticks)
                .map(|k| k as f64 / ticks as f64)
                .map(|tick| (tick, short(tick)))
                .collect(),
            ..y.clone()
        };
        let frame = Frame {
            left: 3.0 * LETTER_WIDTH + 12.0,
            right: WIDTH - RIGHT,
            top: picture.height,
            bottom: picture.height + AREA,
            x: shares(5),
            y: shares(5),
        };
        let body = &mut picture.body;
        frame.axes(body);
        // Counts have a row for the largest one's number above them.
        let floor = frame.bottom + ROW + 8.0 + ROW + COUNTS;
        let needed = width(&most.to_string());
        for bin in self.drawn() {
            let place = frame.across(bin.upper) - frame.across(bin.lower);
            let each = place * FILLED;
            let from = frame.across(bin.lower) + (place - each) / 2.0;
            let said = format!(
                "{} to {}: {accuracy} {}, {confidence} {}, {} {items}",
                short(bin.lower),
                short(bin.upper),
                short(bin.accuracy),
                short(bin.confidence),
                bin.count
            );
            let said = escape(&said);
            let high = COUNTS * bin.count as f64 / most as f64;
            for (bottom, top, class) in [
                (frame.bottom, frame.up(bin.accuracy), "fill-1"),
                (floor, floor - high, "fill-6"),
            ] {
                let _ = write!(
                    body,
                    "<path class=\"{class}\" d=\"M{from:.2} {bottom:.2}h{each:.2}V{top:.2}h-{each:.2}z\">\
                     <title>{said}</title></path>"
                );
            }
            let count = bin.count.to_string();
            // All counts or none: beside others a bin without one would look empty.
            let class = if needed <= place {
                Some("soft")
            } else if needed * LETTER / LARGE_LETTER <= place {
                Some("soft spare")
            } else {
                None
            };
            if let Some(class) = class {
                let at = (from + each / 2.0, floor - high - 8.0);
                text(body, class, at, "middle", &count);
            }
        }
        frame.line(body, DIAGONAL, &[(0.0, 0.0), (1.0, 1.0)]);
        let _ = write!(
            body,
            "<path class=\"axis\" d=\"M{:.1} {floor:.1}H{:.1}\"/>",
            frame.left, frame.right
        );
        let middle = f64::midpoint(frame.left, frame.right);
        picture.height = floor;
        let across = format!("{confidence}, with the number of {items}");
        picture.say(middle, "middle", &across);
        picture
    }
}
