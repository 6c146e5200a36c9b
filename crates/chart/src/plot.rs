//! Line plots as SVG.
//!
//! One drawing serves a wide screen and a phone: the picture scales with its width, and on a narrow
//! screen its letters grow against it (a media query inside the SVG, which sees the page's width
//! when the SVG stands in a page and its own width when it is a file). So all room is reserved for
//! the large letters.

use std::fmt::Write as _;

use crate::calendar;
use crate::markup::{escape, wrap};
use crate::scale::Scale;
use crate::theme::{self, COLOURS, LETTERS};

/// Width of the drawing in its own units; on a wide screen a unit is a pixel.
const WIDTH: f64 = 720.0;
/// Height of the area of the lines.
const AREA: f64 = 290.0;
/// Letters on a wide screen and on a phone.
const LETTER: f64 = 14.0;
const LARGE_LETTER: f64 = 24.0;
/// Mean width of a large letter; labels are digits and lower case mostly.
const LETTER_WIDTH: f64 = 0.56 * LARGE_LETTER;
/// Height of a row of large letters.
const ROW: f64 = 34.0;
/// Right margin: half of the last tick label.
const RIGHT: f64 = 28.0;

/// Lines over a common x, on their way to SVG.
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
    lines: Vec<Line>,
    marks: Vec<(f64, String)>,
}

#[derive(Clone, Debug)]
struct Line {
    name: String,
    points: Vec<(f64, f64)>,
}

impl Plot {
    /// An empty plot.
    pub fn new(title: impl Into<String>) -> Self {
        Plot {
            title: title.into(),
            x_label: String::new(),
            y_label: String::new(),
            x_is_time: false,
            lines: Vec::new(),
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
        self.svg(" xmlns=\"http://www.w3.org/2000/svg\"")
    }

    /// The plot as an SVG element to stand in an HTML page, where no namespace address is needed.
    pub(crate) fn render_inline(&self) -> String {
        self.svg("")
    }

    fn svg(&self, namespace: &str) -> String {
        let finite = || {
            self.lines
                .iter()
                .flat_map(|line| &line.points)
                .filter(|p| drawn(p))
        };
        let xs = || {
            let marks = self.marks.iter().map(|(x, _)| *x).filter(|x| x.is_finite());
            finite().map(|(x, _)| *x).chain(marks)
        };
        let y = Scale::around(finite().map(|(_, y)| *y), 5);
        let x = if self.x_is_time {
            calendar::scale(xs(), 6)
        } else {
            Scale::within(xs(), 6)
        };

        let title = wrap(&self.title, (WIDTH / (LETTER_WIDTH * 1.12)) as usize);
        let mut body = String::new();
        let mut top = 4.0;
        for line in &title {
            top += ROW;
            text(&mut body, "title", (0.0, top - 9.0), "start", line);
        }
        top = self.legend(&mut body, top);
        if !self.y_label.is_empty() {
            top += ROW;
            text(&mut body, "soft", (0.0, top - 10.0), "start", &self.y_label);
        }
        // Half a letter, so that the uppermost tick label does not touch what stands above it.
        top += 16.0;
        let bottom = top + AREA;
        let mut height = bottom + 8.0;
        match (x, y) {
            (Some(x), Some(y)) => {
                let longest = y.ticks.iter().map(|(_, label)| label.chars().count()).max();
                let left = longest.unwrap_or(0) as f64 * LETTER_WIDTH + 12.0;
                let frame = Frame {
                    left,
                    right: WIDTH - RIGHT,
                    top,
                    bottom,
                    x,
                    y,
                };
                frame.axes(&mut body);
                for (x, word) in &self.marks {
                    frame.mark(&mut body, *x, word);
                }
                for (index, line) in self.lines.iter().enumerate() {
                    frame.line(&mut body, index, line);
                }
                height += ROW;
                let label = self.below(&frame.x);
                if !label.is_empty() {
                    height += ROW;
                    text(
                        &mut body,
                        "soft",
                        (f64::midpoint(left, WIDTH - RIGHT), height - 12.0),
                        "middle",
                        &label,
                    );
                }
            }
            _ => text(
                &mut body,
                "soft",
                (WIDTH / 2.0, f64::midpoint(top, bottom)),
                "middle",
                "no values",
            ),
        }
        let name = escape(&self.title);
        format!(
            "<svg{namespace} class=\"ressac-plot\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" \
             aria-label=\"{name}\"><title>{name}</title><style>{}</style>{body}</svg>",
            style(),
        )
    }

    /// Names of the lines in rows; returns the new top. One line that the title names needs none.
    fn legend(&self, body: &mut String, mut top: f64) -> f64 {
        const SAMPLE: f64 = 34.0;
        if self.lines.len() < 2
            && self
                .lines
                .iter()
                .all(|line| line.name.is_empty() || line.name == self.title)
        {
            return top;
        }
        let longest = ((WIDTH - SAMPLE) / LETTER_WIDTH) as usize;
        let mut left = WIDTH;
        for (index, line) in self.lines.iter().enumerate() {
            let name = shortened(&line.name, longest);
            let width = SAMPLE + 10.0 + name.chars().count() as f64 * LETTER_WIDTH;
            if left + width > WIDTH {
                left = 0.0;
                top += ROW;
            }
            let middle = top - 16.0;
            let _ = write!(
                body,
                "<path class=\"{}\" d=\"M{left} {middle}h{}\"/>",
                class(index),
                SAMPLE - 8.0
            );
            text(body, "ink", (left + SAMPLE, top - 10.0), "start", &name);
            left += width + 18.0;
        }
        top
    }

    fn below(&self, x: &Scale) -> String {
        match (self.x_is_time, self.x_label.is_empty()) {
            (false, _) => self.x_label.clone(),
            (true, true) => calendar::span(x),
            (true, false) => format!("{}, {}", self.x_label, calendar::span(x)),
        }
    }
}

/// Whether a point can be drawn.
fn drawn(point: &(f64, f64)) -> bool {
    point.0.is_finite() && point.1.is_finite()
}

/// The area of the lines, in units of the drawing.
struct Frame {
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
    x: Scale,
    y: Scale,
}

impl Frame {
    fn across(&self, x: f64) -> f64 {
        self.left + self.x.place(x).clamp(0.0, 1.0) * (self.right - self.left)
    }

    fn up(&self, y: f64) -> f64 {
        self.bottom - self.y.place(y).clamp(0.0, 1.0) * (self.bottom - self.top)
    }

    fn axes(&self, body: &mut String) {
        for (value, label) in &self.y.ticks {
            let at = self.up(*value);
            let _ = write!(
                body,
                "<path class=\"rule\" d=\"M{:.1} {at:.1}H{:.1}\"/>",
                self.left, self.right
            );
            text(body, "soft tick-y", (self.left - 8.0, at), "end", label);
        }
        let width = |label: &str| (label.chars().count() + 1) as f64 * LETTER_WIDTH;
        let needed: f64 = self.x.ticks.iter().map(|(_, label)| width(label)).sum();
        let crowded = needed > self.right - self.left;
        for (index, (value, label)) in self.x.ticks.iter().enumerate() {
            let at = self.across(*value);
            let _ = write!(
                body,
                "<path class=\"tick\" d=\"M{at:.1} {:.1}v6\"/>",
                self.bottom
            );
            // Every second label gives way to the large letters of a phone.
            let class = if crowded && index % 2 == 1 {
                "soft spare"
            } else {
                "soft"
            };
            let half = width(label) / 2.0;
            let anchor = if at + half > WIDTH { "end" } else { "middle" };
            let at = if anchor == "end" {
                WIDTH.min(at + RIGHT)
            } else {
                at
            };
            text(body, class, (at, self.bottom + ROW - 6.0), anchor, label);
        }
        let _ = write!(
            body,
            "<path class=\"axis\" d=\"M{:.1} {:.1}H{:.1}\"/>",
            self.left, self.bottom, self.right
        );
    }

    fn mark(&self, body: &mut String, x: f64, word: &str) {
        if !x.is_finite() {
            return;
        }
        let at = self.across(x);
        let _ = write!(
            body,
            "<path class=\"mark\" d=\"M{at:.1} {:.1}V{:.1}\"/>",
            self.top, self.bottom
        );
        let room = word.chars().count() as f64 * LETTER_WIDTH + 8.0;
        let (anchor, at) = if at + room > WIDTH {
            ("end", at - 6.0)
        } else {
            ("start", at + 6.0)
        };
        text(body, "soft halo", (at, self.top + 18.0), anchor, word);
    }

    fn line(&self, body: &mut String, index: usize, line: &Line) {
        let mut path = String::new();
        for run in line
            .points
            .split(|point| !drawn(point))
            .filter(|run| !run.is_empty())
        {
            let places: Vec<(f64, f64)> = run
                .iter()
                .map(|(x, y)| (self.across(*x), self.up(*y)))
                .collect();
            for (k, (x, y)) in thinned(&places).iter().enumerate() {
                let _ = write!(path, "{}{x:.1} {y:.1}", if k == 0 { "M" } else { "L" });
            }
            if run.len() == 1 {
                // A path of no length with round ends is a dot.
                path.push_str("h0");
            }
        }
        if !path.is_empty() {
            let _ = write!(body, "<path class=\"{}\" d=\"{path}\"/>", class(index));
        }
    }
}

/// At most four points to each unit of width: first, lowest, highest, last. The picture is the
/// same, and a year of minutes does not make a file of megabytes.
fn thinned(places: &[(f64, f64)]) -> Vec<(f64, f64)> {
    if places.len() < 4 * WIDTH as usize {
        return places.to_vec();
    }
    let mut kept = Vec::new();
    for column in places.chunk_by(|a, b| a.0.floor() == b.0.floor()) {
        let by_height = |k: &usize, l: &usize| column[*k].1.total_cmp(&column[*l].1);
        let low = (0..column.len()).min_by(by_height).unwrap_or(0);
        let high = (0..column.len()).max_by(by_height).unwrap_or(0);
        let mut picked = [0, low.min(high), low.max(high), column.len() - 1].to_vec();
        picked.dedup();
        kept.extend(picked.into_iter().map(|k| column[k]));
    }
    kept
}

/// Classes of a line: its colour, and dashes once the colours repeat.
fn class(index: usize) -> String {
    let colour = index % COLOURS + 1;
    match index / COLOURS {
        0 => format!("line line-{colour}"),
        round => format!("line line-{colour} round-{}", (round - 1) % 2 + 1),
    }
}

fn shortened(name: &str, longest: usize) -> String {
    if name.chars().count() <= longest {
        return name.to_owned();
    }
    name.chars()
        .take(longest.saturating_sub(1))
        .chain(['…'])
        .collect()
}

fn text(body: &mut String, class: &str, (x, y): (f64, f64), anchor: &str, content: &str) {
    let _ = write!(
        body,
        "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{}</text>",
        escape(content)
    );
}

fn style() -> String {
    let mut css = theme::properties(".ressac-plot");
    let _ = write!(
        css,
        ".ressac-plot{{font:{LETTER}px {LETTERS};background:var(--ground);max-width:100%;height:auto}}\
         .ressac-plot text{{fill:var(--ink)}}\
         .ressac-plot .soft{{fill:var(--soft)}}\
         .ressac-plot .title{{font-size:1.15em;font-weight:600}}\
         .ressac-plot .tick-y{{dominant-baseline:central}}\
         .ressac-plot .halo{{paint-order:stroke;stroke:var(--ground);stroke-width:5px;stroke-linejoin:round}}\
         .ressac-plot path{{fill:none;stroke-width:1}}\
         .ressac-plot .rule{{stroke:var(--rule)}}\
         .ressac-plot .axis,.ressac-plot .tick{{stroke:var(--soft)}}\
         .ressac-plot .mark{{stroke:var(--soft);stroke-dasharray:5 4}}\
         .ressac-plot .line{{stroke-width:2;stroke-linejoin:round;stroke-linecap:round}}\
         .ressac-plot .round-1{{stroke-dasharray:8 5}}\
         .ressac-plot .round-2{{stroke-dasharray:2 5}}"
    );
    for colour in 1..=COLOURS {
        let _ = write!(
            css,
            ".ressac-plot .line-{colour}{{stroke:var(--line-{colour})}}"
        );
    }
    let _ = write!(
        css,
        "@media (max-width:600px){{.ressac-plot{{font-size:{LARGE_LETTER}px}}\
         .ressac-plot .spare{{display:none}}.ressac-plot .line{{stroke-width:3}}}}"
    );
    css
}
