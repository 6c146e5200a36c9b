//! Plots of lines and shaded intervals over a common x.

use crate::calendar;
use crate::frame::{Frame, ROW};
use crate::picture::{Drawing, Picture, Sample};
use crate::scale::Scale;

/// Lines and bands over a common x, on their way to SVG.
///
/// ```
/// use ressac_chart::plot::Plot;
/// let svg = Plot::new("Load").y_label("MW").line("truth", &[(0.0, 1.0), (1.0, 3.0)]).render();
/// assert!(svg.starts_with("<svg"));
/// ```
#[derive(Clone, Debug)]
pub struct Plot {
    title: String,
    x_label: String,
    y_label: String,
    x_is_time: bool,
    y_is_log: bool,
    lines: Vec<Line>,
    bands: Vec<Band>,
    marks: Vec<(f64, String)>,
}

#[derive(Clone, Debug)]
struct Line {
    name: String,
    points: Vec<(f64, f64)>,
}

#[derive(Clone, Debug)]
struct Band {
    name: String,
    /// The line whose colour it takes.
    line: usize,
    /// x, lower, upper.
    points: Vec<(f64, f64, f64)>,
}

impl Band {
    /// Mean height, for which of two lies below the other; infinite and missing ends do not count.
    fn height(&self) -> f64 {
        let heights = self.points.iter().map(|(_, low, high)| high - low);
        let (sum, count) = heights
            .filter(|height| height.is_finite())
            .fold((0.0, 0.0), |(sum, count), height| {
                (sum + height, count + 1.0)
            });
        sum / f64::max(count, 1.0)
    }
}

impl Plot {
    /// An empty plot.
    pub fn new(title: impl Into<String>) -> Self {
        Plot {
            title: title.into(),
            x_label: String::new(),
            y_label: String::new(),
            x_is_time: false,
            y_is_log: false,
            lines: Vec::new(),
            bands: Vec::new(),
            marks: Vec::new(),
        }
    }

    /// What x is, with its unit.
    #[must_use]
    pub fn x_label(mut self, label: impl Into<String>) -> Self {
        self.x_label = label.into();
        self
    }

    /// What y is, with its unit.
    #[must_use]
    pub fn y_label(mut self, label: impl Into<String>) -> Self {
        self.y_label = label.into();
        self
    }

    /// Takes x as seconds since 1970-01-01, without zone: ticks stand at hours, days, months, and
    /// the first and last time are said below the axis.
    #[must_use]
    pub fn x_times(mut self) -> Self {
        self.x_is_time = true;
        self
    }

    /// Draws y by its logarithm: losses and gradient norms that fall by orders of magnitude. Values
    /// that are not above zero become gaps, and the plot says how many.
    #[must_use]
    pub fn y_log(mut self) -> Self {
        self.y_is_log = true;
        self
    }

    /// A shaded interval behind the lines, over x in order, in the colour of the line that is added
    /// next: give a forecast's bands first, then the forecast. Bands of one colour that nest (80 %
    /// within 95 %) are drawn in layers, whatever their order. A place with a NaN (or an infinite
    /// number) is a gap; of slices of unequal length, what is beyond the shortest is not drawn.
    #[must_use]
    pub fn band(
        mut self,
        name: impl Into<String>,
        x: &[f64],
        lower: &[f64],
        upper: &[f64],
    ) -> Self {
        let ends = lower.iter().zip(upper);
        self.bands.push(Band {
            name: name.into(),
            line: self.lines.len(),
            points: x
                .iter()
                .zip(ends)
                .map(|(x, (low, high))| (*x, *low, *high))
                .collect(),
        });
        self
    }

    /// A line through points in order of x. A point with a NaN (or an infinite number) is a gap;
    /// one between two gaps is drawn as a dot.
    #[must_use]
    pub fn line(mut self, name: impl Into<String>, points: &[(f64, f64)]) -> Self {
        self.lines.push(Line {
            name: name.into(),
            points: points.to_vec(),
        });
        self
    }

    /// A dashed vertical at x, with a word beside it: where the forecast starts, the best epoch.
    #[must_use]
    pub fn mark(mut self, x: f64, word: impl Into<String>) -> Self {
        self.marks.push((x, word.into()));
        self
    }

    /// The plot as an SVG file, self-contained.
    pub fn render(&self) -> String {
        self.picture().file()
    }

    /// Every y with its x: of the lines, and both ends of the bands.
    fn values(&self) -> impl Iterator<Item = (f64, f64)> {
        let lines = self
            .lines
            .iter()
            .flat_map(|line| line.points.iter().copied());
        let bands = self.bands.iter().flat_map(|band| &band.points);
        // An interval with one end missing is not drawn, so it must not stretch the axes.
        let whole = bands.filter(|(_, low, high)| self.can_show(*low) && self.can_show(*high));
        lines.chain(whole.flat_map(|(x, low, high)| [(*x, *low), (*x, *high)]))
    }

    fn can_show(&self, y: f64) -> bool {
        y.is_finite() && (!self.y_is_log || y > 0.0)
    }

    fn scales(&self) -> Option<(Scale, Scale)> {
        let drawn = || {
            self.values()
                .filter(|(x, y)| x.is_finite() && self.can_show(*y))
        };
        let xs = || {
            let marks = self.marks.iter().map(|(x, _)| *x);
            drawn()
                .map(|(x, _)| x)
                .chain(marks.filter(|x| x.is_finite()))
        };
        let y = if self.y_is_log {
            Scale::logarithmic(drawn().map(|(_, y)| y), 7)?
        } else {
            Scale::around(drawn().map(|(_, y)| y), 5)?
        };
        let x = if self.x_is_time {
            calendar::scale(xs(), 7)?
        } else {
            Scale::within(xs(), 6)?
        };
        Some((x, y))
    }

    /// How many bands of the same colour lie below one: those that are wider, and equal ones added
    /// before it.
    fn below(&self, index: usize) -> usize {
        let (band, height) = (&self.bands[index], self.bands[index].height());
        let wider = |(k, other): &(usize, &Band)| {
            other.line == band.line
                && *k != index
                && (other.height() > height || (other.height() == height && *k < index))
        };
        self.bands.iter().enumerate().filter(wider).count()
    }

    fn legend(&self) -> Vec<(&str, Sample)> {
        let lines = self.lines.iter().enumerate();
        let bands = self.bands.iter().enumerate();
        let lines = lines.map(|(index, line)| (line.name.as_str(), Sample::Line(index)));
        let bands = bands.map(|(k, band)| {
            let (index, below) = (band.line, self.below(k));
            (band.name.as_str(), Sample::Band { index, below })
        });
        lines.chain(bands).collect()
    }

    /// What stands below the axis.
    fn x_words(&self, x: &Scale) -> String {
        match (self.x_is_time, self.x_label.is_empty()) {
            (false, _) => self.x_label.clone(),
            (true, true) => calendar::span(x),
            (true, false) => format!("{}, {}", self.x_label, calendar::span(x)),
        }
    }
}

impl Drawing for Plot {
    fn picture(&self) -> Picture {
        let mut picture = Picture::titled(&self.title);
        picture.legend(&self.legend());
        picture.say(0.0, "start", &self.y_label);
        // Half a letter, so that the uppermost tick label does not touch what stands above it.
        picture.height += 16.0;
        let top = picture.height;
        let Some((x, y)) = self.scales() else {
            picture.say_no_data();
            return picture;
        };
        let frame = Frame::below(top, x, y);
        let body = &mut picture.body;
        frame.axes(body);
        for band in &self.bands {
            frame.band(body, band.line, &band.points);
        }
        for (x, word) in &self.marks {
            frame.mark(body, *x, word);
        }
        for (index, line) in self.lines.iter().enumerate() {
            frame.line(body, index, &line.points);
        }
        picture.height = frame.bottom + 8.0 + ROW;
        let middle = f64::midpoint(frame.left, frame.right);
        picture.say(middle, "middle", &self.x_words(&frame.x));
        if self.y_is_log {
            let lines = self.lines.iter().flat_map(|line| &line.points);
            let bands = self.bands.iter().flat_map(|band| &band.points);
            let left_out = lines.filter(|(_, y)| *y <= 0.0).count()
                + bands.filter(|(_, l, h)| *l <= 0.0 || *h <= 0.0).count();
            if left_out > 0 {
                let words = format!("{left_out} not above zero, not shown");
                picture.say(middle, "middle", &words);
            }
        }
        picture
    }
}
