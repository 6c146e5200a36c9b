//! Bars by category: the error of each month, weekday or series, a reference beside the model.
//!
//! Bars stand upright where their labels have room, or are numbers and dates of which some can be
//! left out because the reader counts on. Names cannot be left out: where they are long, or many,
//! the bars lie, one below another.

use std::fmt::Write as _;

use crate::frame::{AREA, LARGE_LETTER, LETTER, LETTER_WIDTH, RIGHT, ROW, WIDTH, text};
use crate::markup::escape;
use crate::picture::{Drawing, Picture, Sample, shortened};
use crate::scale::{Scale, short};
use crate::theme::COLOURS;

/// Letters of a name beside lying bars.
const NAME: usize = 20;
/// Names and numbers side by side are as wide as this beside the mean letter in a wide font.
pub(crate) const WIDE: f64 = 1.12;
/// The thickest bar.
const THICKEST: f64 = 64.0;
/// Part of its place that a group of bars fills.
const FILLED: f64 = 0.8;

/// Groups of bars, one for each label, on their way to SVG.
///
/// ```
/// use ressac_chart::BarPlot;
/// let svg = BarPlot::new("Error by month", &["Jan", "Feb"])
///     .y_label("mean absolute error, MW")
///     .bars("lstm", &[3.1, 2.8])
///     .bars("seasonal-naive", &[3.9, 4.2])
///     .render();
/// assert!(svg.contains("Feb, lstm: 2.8"));
/// ```
#[derive(Clone, Debug)]
pub struct BarPlot {
    title: String,
    x_label: String,
    y_label: String,
    labels: Vec<String>,
    series: Vec<(String, Vec<f64>)>,
}

impl BarPlot {
    /// A plot with its categories, without bars yet.
    pub fn new<L: AsRef<str>>(title: impl Into<String>, labels: &[L]) -> Self {
        BarPlot {
            title: title.into(),
            x_label: String::new(),
            y_label: String::new(),
            labels: labels.iter().map(|l| l.as_ref().to_owned()).collect(),
            series: Vec::new(),
        }
    }

    /// What the labels are: months, weekdays.
    #[must_use]
    pub fn x_label(mut self, label: impl Into<String>) -> Self {
        self.x_label = label.into();
        self
    }

    /// What the bars measure, with its unit.
    #[must_use]
    pub fn y_label(mut self, label: impl Into<String>) -> Self {
        self.y_label = label.into();
        self
    }

    /// A bar from zero for each label, in order. A NaN (or an infinite number) has no bar, nor has a
    /// label beyond the last value; values beyond the last label are not drawn.
    #[must_use]
    pub fn bars(mut self, name: impl Into<String>, values: &[f64]) -> Self {
        self.series.push((name.into(), values.to_vec()));
        self
    }

    /// The plot as an SVG file, self-contained.
    pub fn render(&self) -> String {
        self.picture().file()
    }

    /// Index of the series, of the label, and the value of each bar that can be drawn.
    fn drawn(&self) -> impl Iterator<Item = (usize, usize, f64)> {
        let series = self.series.iter().enumerate();
        series.flat_map(|(index, (_, values))| {
            let values = values.iter().enumerate().take(self.labels.len());
            values
                .filter(|(_, value)| value.is_finite())
                .map(move |(label, value)| (index, label, *value))
        })
    }

    /// Whether every label fits below its group, or some can be left out.
    fn upright(&self) -> bool {
        let counted = |label: &String| {
            label
                .chars()
                .all(|c| c.is_ascii_digit() || "-\u{2212}:/. ".contains(c))
        };
        let needed = self.labels.iter().map(|l| width(l)).fold(0.0, f64::max);
        let group = (WIDTH - 68.0) / self.labels.len().max(1) as f64;
        needed <= group || self.labels.iter().all(counted)
    }

    fn bar(&self, body: &mut String, (series, label, value): (usize, usize, f64), area: &str) {
        let (label, name) = (&self.labels[label], &self.series[series].0);
        let said = if name.is_empty() {
            format!("{label}: {}", short(value))
        } else {
            format!("{label}, {name}: {}", short(value))
        };
        let _ = write!(
            body,
            "<path class=\"fill-{}\" d=\"{area}\"><title>{}</title></path>",
            series % COLOURS + 1,
            escape(&said)
        );
    }

    /// Where a group's bars begin and how thick each is, in a place of this size.
    fn thickness(&self, place: f64) -> (f64, f64) {
        let count = self.series.len().max(1) as f64;
        let each = (place * FILLED / count).min(THICKEST);
        ((place - each * count) / 2.0, each)
    }

    fn draw_upright(&self, picture: &mut Picture, scale: &Scale) {
        picture.say(0.0, "start", &self.y_label);
        picture.height += 16.0;
        let bottom = picture.height + AREA;
        let longest = scale.ticks.iter().map(|(_, label)| label.chars().count());
        let left = longest.max().unwrap_or(0) as f64 * LETTER_WIDTH + 12.0;
        let right = WIDTH - 8.0;
        let up = |value: f64| bottom - scale.place(value).clamp(0.0, 1.0) * AREA;
        let body = &mut picture.body;
        for (value, label) in &scale.ticks {
            let at = up(*value);
            let _ = write!(
                body,
                "<path class=\"rule\" d=\"M{left:.1} {at:.1}H{right:.1}\"/>"
            );
            text(body, "soft tick-y", (left - 8.0, at), "end", label);
        }
        let place = (right - left) / self.labels.len().max(1) as f64;
        let (margin, each) = self.thickness(place);
        for (series, label, value) in self.drawn() {
            let from = left + label as f64 * place + margin + series as f64 * each;
            let area = format!(
                "M{from:.2} {:.2}h{each:.2}V{:.2}h-{each:.2}z",
                up(0.0),
                up(value)
            );
            self.bar(body, (series, label, value), &area);
        }
        let zero = up(0.0);
        let _ = write!(
            body,
            "<path class=\"axis\" d=\"M{left:.1} {zero:.1}H{right:.1}\"/>"
        );
        labels_below(
            body,
            &self.labels,
            (left, place),
            bottom + ROW - 6.0,
            (0, self.labels.len()),
        );
        picture.height = bottom + 8.0 + ROW;
        picture.say(f64::midpoint(left, right), "middle", &self.x_label);
    }

    fn draw_lying(&self, picture: &mut Picture, scale: &Scale) {
        picture.say(0.0, "start", &self.x_label);
        picture.height += 8.0;
        let place = ROW.max(20.0 * self.series.len() as f64 / FILLED);
        let (top, bottom) = (
            picture.height,
            picture.height + place * self.labels.len() as f64,
        );
        let names: Vec<String> = self.labels.iter().map(|l| shortened(l, NAME)).collect();
        let longest = names.iter().map(|name| name.chars().count()).max();
        let left = longest.unwrap_or(0) as f64 * LETTER_WIDTH * WIDE + 12.0;
        let right = WIDTH - RIGHT;
        let across = |value: f64| left + scale.place(value).clamp(0.0, 1.0) * (right - left);
        let body = &mut picture.body;
        let needed: f64 = scale.ticks.iter().map(|(_, label)| width(label)).sum();
        let crowded = needed > right - left;
        for (index, (value, label)) in scale.ticks.iter().enumerate() {
            let at = across(*value);
            let _ = write!(
                body,
                "<path class=\"rule\" d=\"M{at:.1} {top:.1}V{bottom:.1}\"/>"
            );
            let spare = if crowded && index % 2 == 1 {
                " spare"
            } else {
                ""
            };
            let below = (at, bottom + ROW - 6.0);
            text(body, &format!("soft{spare}"), below, "middle", label);
        }
        for (label, name) in names.iter().enumerate() {
            let middle = top + (label as f64 + 0.5) * place;
            text(body, "ink tick-y", (left - 8.0, middle), "end", name);
        }
        let (margin, each) = self.thickness(place);
        for (series, label, value) in self.drawn() {
            let from = top + label as f64 * place + margin + series as f64 * each;
            let area = format!(
                "M{:.2} {from:.2}v{each:.2}H{:.2}v-{each:.2}z",
                across(0.0),
                across(value)
            );
            self.bar(body, (series, label, value), &area);
        }
        let zero = across(0.0);
        let _ = write!(
            body,
            "<path class=\"axis\" d=\"M{zero:.1} {top:.1}V{bottom:.1}\"/>"
        );
        picture.height = bottom + 8.0 + ROW;
        picture.say(f64::midpoint(left, right), "middle", &self.y_label);
    }
}

impl Drawing for BarPlot {
    fn picture(&self) -> Picture {
        let mut picture = Picture::titled(&self.title);
        let names = self.series.iter().enumerate();
        let entries: Vec<_> = names
            .map(|(index, (name, _))| (name.as_str(), Sample::Bar(index)))
            .collect();
        picture.legend(&entries);
        let mut values = self.drawn().map(|(_, _, value)| value).peekable();
        // Bars begin at zero, so zero is on the axis.
        let scale = values
            .peek()
            .is_some()
            .then(|| Scale::around([0.0].into_iter().chain(values), 5))
            .flatten();
        match scale {
            None => {
                picture.say(0.0, "start", &self.y_label);
                picture.say_no_data();
            }
            Some(scale) if self.upright() => self.draw_upright(&mut picture, &scale),
            Some(scale) => self.draw_lying(&mut picture, &scale),
        }
        picture
    }
}

/// Room of a large label with its distance from the next.
pub(crate) fn width(label: &str) -> f64 {
    label.chars().count() as f64 * LETTER_WIDTH * WIDE + 8.0
}

/// Every how many labels one is written where each needs so many places: a divisor of their number
/// if one is near, so that hours are counted in twos, fours and sixes.
pub(crate) fn stride(labels: usize, needed: f64) -> usize {
    let least = needed.ceil().clamp(1.0, labels.max(1) as f64) as usize;
    (least..2 * least)
        .find(|every| labels.is_multiple_of(*every))
        .unwrap_or(least)
}

/// Labels below places of one size: as many as fit with small letters, fewer with large ones; the
/// one at `kept` stays whatever else goes, and steps divide `whole` if they can.
pub(crate) fn labels_below(
    body: &mut String,
    labels: &[String],
    (left, place): (f64, f64),
    baseline: f64,
    (kept, whole): (usize, usize),
) {
    let needed = labels.iter().map(|l| width(l)).fold(0.0, f64::max);
    // Small letters are set a little wider apart, in proportion.
    let small = stride(whole, (needed * LETTER / LARGE_LETTER + 8.0) / place);
    // A multiple, so that what stays with large letters is among what stands with small ones.
    let large = stride(whole, needed / place).next_multiple_of(small);
    let shown = labels.iter().enumerate().skip(kept % small);
    for (index, label) in shown.step_by(small) {
        let class = if index.abs_diff(kept).is_multiple_of(large) {
            "soft"
        } else {
            "soft spare"
        };
        let at = left + (index as f64 + 0.5) * place;
        let half = width(label) / 2.0 - 4.0;
        if at + half > WIDTH {
            text(body, class, (WIDTH, baseline), "end", label);
        } else {
            text(body, class, (at.max(half), baseline), "middle", label);
        }
    }
}
