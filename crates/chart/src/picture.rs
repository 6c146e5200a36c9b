//! What every drawing shares: the title, the legend, the letters and colours, the SVG around them.
//!
//! One drawing serves a wide screen and a phone: the picture scales with its width, and on a narrow
//! screen its letters grow against it (a media query inside the SVG, which sees the page's width
//! when the SVG stands in a page and its own width when it is a file). So all room is reserved for
//! the large letters.

use std::fmt::Write as _;

use crate::frame::{LARGE_LETTER, LETTER, LETTER_WIDTH, ROW, WIDTH, class, text};
use crate::markup::{escape, wrap};
use crate::scatter;
use crate::theme::{self, COLOURS, LETTERS};

/// Opacity of one layer of a band; where bands nest, layers add up.
const BAND: f64 = 0.2;

/// A drawing that a page can take: [`crate::Plot`], [`crate::BarPlot`], [`crate::HeatMap`],
/// [`crate::Histogram`], [`crate::Scatter`], [`crate::ConfusionMatrix`], [`crate::ReliabilityPlot`].
pub trait Drawing {
    /// The drawing as it is now.
    fn picture(&self) -> Picture;
}

/// A finished drawing, to stand in a file or in a page.
#[derive(Clone, Debug)]
pub struct Picture {
    title: String,
    css: String,
    pub(crate) body: String,
    /// Height of what is drawn so far, in units of the drawing.
    pub(crate) height: f64,
}

/// A name in the legend, with what it stands for.
pub(crate) enum Sample {
    /// The line of that index.
    Line(usize),
    /// A band in the colour of the line of that index, lying on so many others.
    Band { index: usize, below: usize },
    /// The bars of that index.
    Bar(usize),
    /// The outlined area of that index.
    Area(usize),
    /// A point of the class of that index.
    Point(usize),
}

impl Picture {
    pub(crate) fn titled(title: &str) -> Self {
        let mut picture = Picture {
            title: title.to_owned(),
            css: style(),
            body: String::new(),
            height: 4.0,
        };
        for line in wrap(title, (WIDTH / (LETTER_WIDTH * 1.12)) as usize) {
            picture.height += ROW;
            let at = (0.0, picture.height - 9.0);
            text(&mut picture.body, "title", at, "start", &line);
        }
        picture
    }

    /// Colours that only this kind of drawing needs.
    pub(crate) fn style(&mut self, css: &str) {
        self.css.push_str(css);
    }

    /// A row of soft text above or below the area; nothing for an empty one.
    pub(crate) fn say(&mut self, x: f64, anchor: &str, words: &str) {
        if !words.is_empty() {
            self.height += ROW;
            let at = (x, self.height - 11.0);
            text(&mut self.body, "soft", at, anchor, words);
        }
    }

    /// Instead of an area: there is nothing to draw.
    pub(crate) fn say_no_data(&mut self) {
        const AREA: f64 = 120.0;
        let at = (WIDTH / 2.0, self.height + AREA / 2.0);
        text(&mut self.body, "soft", at, "middle", "no data");
        self.height += AREA;
    }

    /// Names in rows. A single one that the title says already needs none.
    pub(crate) fn legend(&mut self, entries: &[(&str, Sample)]) {
        const SAMPLE: f64 = 34.0;
        let said = |name: &str| name.is_empty() || name == self.title;
        if entries.len() < 2 && entries.iter().all(|(name, _)| said(name)) {
            return;
        }
        let longest = ((WIDTH - SAMPLE) / LETTER_WIDTH) as usize;
        let mut left = WIDTH;
        for (name, sample) in entries {
            let name = shortened(name, longest);
            let width = SAMPLE + 6.0 + name.chars().count() as f64 * LETTER_WIDTH;
            if left + width > WIDTH {
                left = 0.0;
                self.height += ROW;
            }
            let (middle, long) = (self.height - 16.0, SAMPLE - 8.0);
            let block = format!("M{left} {:.1}h{long}v16h-{long}z", middle - 8.0);
            match sample {
                Sample::Line(index) => {
                    let _ = write!(
                        self.body,
                        "<path class=\"{}\" d=\"M{left} {middle}h{long}\"/>",
                        class(*index)
                    );
                }
                Sample::Band { index, below } => {
                    for _ in 0..=*below {
                        let colour = index % COLOURS + 1;
                        let _ = write!(
                            self.body,
                            "<path class=\"band fill-{colour}\" d=\"{block}\"/>"
                        );
                    }
                }
                Sample::Area(index) => {
                    let colour = index % COLOURS + 1;
                    let _ = write!(
                        self.body,
                        "<path class=\"area fill-{colour} line-{colour}\" d=\"{block}\"/>"
                    );
                }
                Sample::Point(index) => {
                    let place = ((left + long / 2.0) as i32, middle as i32);
                    let _ = write!(
                        self.body,
                        "<path class=\"{} sample\" d=\"{}\"/>",
                        scatter::class(*index),
                        scatter::path(*index, vec![place])
                    );
                }
                Sample::Bar(index) => {
                    let colour = index % COLOURS + 1;
                    let _ = write!(self.body, "<path class=\"fill-{colour}\" d=\"{block}\"/>");
                }
            }
            let at = (left + SAMPLE, self.height - 10.0);
            text(&mut self.body, "ink", at, "start", &name);
            left += width + 18.0;
        }
    }

    /// The drawing as an SVG file, self-contained.
    pub fn file(&self) -> String {
        self.svg(" xmlns=\"http://www.w3.org/2000/svg\"", 14.0)
    }

    /// The drawing as an element of an HTML page, where no namespace address is needed.
    pub(crate) fn inline(&self) -> String {
        // On a page the drawing begins where the text does.
        self.svg("", 0.0)
    }

    fn svg(&self, namespace: &str, margin: f64) -> String {
        let (name, css, body) = (escape(&self.title), &self.css, &self.body);
        format!(
            "<svg{namespace} class=\"ressac-plot\" viewBox=\"{} {} {} {}\" role=\"img\" \
             aria-label=\"{name}\"><title>{name}</title><style>{css}</style>{body}</svg>",
            -margin,
            -margin,
            WIDTH + 2.0 * margin,
            self.height + 2.0 * margin,
        )
    }
}

/// A name cut to that many characters, the last one a mark that it was cut.
pub(crate) fn shortened(name: &str, longest: usize) -> String {
    if name.chars().count() <= longest {
        return name.to_owned();
    }
    name.chars()
        .take(longest.saturating_sub(1))
        .chain(['…'])
        .collect()
}

/// What makes letters and lines readable in a drawing that is shown small.
pub(crate) fn small(within: &str) -> String {
    format!(
        "{within}.ressac-plot{{font-size:{LARGE_LETTER}px}}{within}.ressac-plot .spare{{display:none}}\
         {within}.ressac-plot .line{{stroke-width:3}}{within}.ressac-plot .dot{{stroke-width:9}}"
    )
}

fn style() -> String {
    let mut css = theme::properties(".ressac-plot");
    let _ = write!(
        css,
        ".ressac-plot{{font:{LETTER}px {LETTERS};background:var(--ground);max-width:100%;height:auto;overflow:visible}}\
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
         .ressac-plot .band{{opacity:{BAND};stroke:none}}\
         .ressac-plot .lone{{stroke-width:6}}\
         .ressac-plot .round-1{{stroke-dasharray:8 5}}\
         .ressac-plot .round-2{{stroke-dasharray:2 5}}"
    );
    for colour in 1..=COLOURS {
        let _ = write!(
            css,
            ".ressac-plot .line-{colour},.ressac-plot .lone.fill-{colour}{{stroke:var(--line-{colour})}}\
             .ressac-plot .fill-{colour}{{fill:var(--line-{colour})}}"
        );
    }
    let _ = write!(css, "@media (max-width:600px){{{}}}", small(""));
    css
}
