//! Line plots as SVG.
//!
//! One drawing serves a wide screen and a phone: the picture scales with its width, and on a narrow
//! screen its letters grow against it (a media query inside the SVG, which sees the page's width
//! when the SVG stands in a page and its own width when it is a file). So all room is reserved for
//! the large letters.

use std::fmt::Write as _;

use crate::calendar;
use crate::frame::{
    AREA, Frame, LARGE_LETTER, LETTER, LETTER_WIDTH, RIGHT, ROW, WIDTH, class, drawn, text,
};
use crate::markup::{escape, wrap};
use crate::scale::Scale;
use crate::theme::{self, COLOURS, LETTERS};

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
        self.svg(" xmlns=\"http://www.w3.org/2000/svg\"", 14.0)
    }

    /// The plot as an SVG element to stand in an HTML page, where no namespace address is needed.
    pub(crate) fn render_inline(&self) -> String {
        // On a page the drawing begins where the text does.
        self.svg("", 0.0)
    }

    fn svg(&self, namespace: &str, margin: f64) -> String {
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
            calendar::scale(xs(), 7)
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
                    frame.line(&mut body, index, &line.points);
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
            "<svg{namespace} class=\"ressac-plot\" viewBox=\"{} {} {} {}\" role=\"img\" \
             aria-label=\"{name}\"><title>{name}</title><style>{}</style>{body}</svg>",
            -margin,
            -margin,
            WIDTH + 2.0 * margin,
            height + 2.0 * margin,
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
            let width = SAMPLE + 6.0 + name.chars().count() as f64 * LETTER_WIDTH;
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

fn shortened(name: &str, longest: usize) -> String {
    if name.chars().count() <= longest {
        return name.to_owned();
    }
    name.chars()
        .take(longest.saturating_sub(1))
        .chain(['…'])
        .collect()
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
         .ressac-plot .dot{{stroke-width:6}}\
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
         .ressac-plot .spare{{display:none}}.ressac-plot .line{{stroke-width:3}}.ressac-plot .dot{{stroke-width:9}}}}"
    );
    css
}
