//! The area of a plot: axes, ticks, marks and lines, in the units of the drawing.

use std::fmt::Write as _;

use crate::markup::escape;
use crate::scale::Scale;
use crate::theme::COLOURS;

/// Width of the drawing in its own units; on a wide screen a unit is a pixel.
pub(crate) const WIDTH: f64 = 720.0;
/// Height of the area of the lines.
pub(crate) const AREA: f64 = 290.0;
/// Letters on a wide screen and on a phone.
pub(crate) const LETTER: f64 = 14.0;
pub(crate) const LARGE_LETTER: f64 = 24.0;
/// Mean width of a large letter; labels are digits and lower case mostly.
pub(crate) const LETTER_WIDTH: f64 = 0.56 * LARGE_LETTER;
/// Height of a row of large letters.
pub(crate) const ROW: f64 = 34.0;
/// Right margin: half of the last tick label.
pub(crate) const RIGHT: f64 = 28.0;

/// The area of the lines, in units of the drawing.
pub(crate) struct Frame {
    pub(crate) left: f64,
    pub(crate) right: f64,
    pub(crate) top: f64,
    pub(crate) bottom: f64,
    pub(crate) x: Scale,
    pub(crate) y: Scale,
}

impl Frame {
    /// The area below `top`, as far from the left as the labels of its y axis need.
    pub(crate) fn below(top: f64, x: Scale, y: Scale) -> Self {
        let longest = y.ticks.iter().map(|(_, label)| label.chars().count()).max();
        Self {
            left: longest.unwrap_or(0) as f64 * LETTER_WIDTH + 12.0,
            right: WIDTH - RIGHT,
            top,
            bottom: top + AREA,
            x,
            y,
        }
    }

    /// Whether a point can be drawn: a number, and above zero where the scale is logarithmic.
    fn shows(&self, x: f64, y: f64) -> bool {
        x.is_finite() && y.is_finite() && (!self.y.log || y > 0.0)
    }

    pub(crate) fn across(&self, x: f64) -> f64 {
        self.left + self.x.place(x).clamp(0.0, 1.0) * (self.right - self.left)
    }

    pub(crate) fn up(&self, y: f64) -> f64 {
        self.bottom - self.y.place(y).clamp(0.0, 1.0) * (self.bottom - self.top)
    }

    pub(crate) fn axes(&self, body: &mut String) {
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

    pub(crate) fn mark(&self, body: &mut String, x: f64, word: &str) {
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

    /// A shaded interval in the colour of the line of that index; a lone one is a thick upright.
    pub(crate) fn band(&self, body: &mut String, index: usize, points: &[(f64, f64, f64)]) {
        let (mut path, mut lone) = (String::new(), String::new());
        let runs = points.split(|(x, low, high)| !self.shows(*x, *low) || !self.shows(*x, *high));
        for run in runs.filter(|run| !run.is_empty()) {
            let places: Vec<(f64, f64, f64)> = run
                .iter()
                .map(|(x, low, high)| (self.across(*x), self.up(*low), self.up(*high)))
                .collect();
            if let [(x, low, high)] = places[..] {
                let _ = write!(lone, "M{x:.1} {low:.1}V{high:.1}");
                continue;
            }
            let places = thinned_band(places);
            for (k, (x, _, high)) in places.iter().enumerate() {
                let _ = write!(path, "{}{x:.1} {high:.1}", if k == 0 { "M" } else { "L" });
            }
            for (x, low, _) in places.iter().rev() {
                let _ = write!(path, "L{x:.1} {low:.1}");
            }
            path.push('z');
        }
        for (path, also) in [(path, ""), (lone, " lone")] {
            if !path.is_empty() {
                let colour = index % COLOURS + 1;
                let _ = write!(
                    body,
                    "<path class=\"band{also} fill-{colour}\" d=\"{path}\"/>"
                );
            }
        }
    }

    pub(crate) fn line(&self, body: &mut String, index: usize, points: &[(f64, f64)]) {
        let (mut path, mut dots) = (String::new(), String::new());
        let runs = points.split(|(x, y)| !self.shows(*x, *y));
        for run in runs.filter(|run| !run.is_empty()) {
            let places: Vec<(f64, f64)> = run
                .iter()
                .map(|(x, y)| (self.across(*x), self.up(*y)))
                .collect();
            if let [(x, y)] = places[..] {
                // A path of no length with round ends is a dot.
                let _ = write!(dots, "M{x:.1} {y:.1}h0");
                continue;
            }
            for (k, (x, y)) in thinned(&places).iter().enumerate() {
                let _ = write!(path, "{}{x:.1} {y:.1}", if k == 0 { "M" } else { "L" });
            }
        }
        for (path, also) in [(path, ""), (dots, " dot")] {
            if !path.is_empty() {
                let _ = write!(
                    body,
                    "<path class=\"{}{also}\" d=\"{path}\"/>",
                    class(index)
                );
            }
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

/// One interval to each unit of width that holds all of those there, as [`thinned`] does for lines.
fn thinned_band(places: Vec<(f64, f64, f64)>) -> Vec<(f64, f64, f64)> {
    if places.len() < 4 * WIDTH as usize {
        return places;
    }
    places
        .chunk_by(|a, b| a.0.floor() == b.0.floor())
        .map(|column| {
            column.iter().fold(column[0], |widest, place| {
                // Downwards is more.
                (widest.0, widest.1.max(place.1), widest.2.min(place.2))
            })
        })
        .collect()
}

/// Classes of a line: its colour, and dashes once the colours repeat.
pub(crate) fn class(index: usize) -> String {
    let colour = index % COLOURS + 1;
    match index / COLOURS {
        0 => format!("line line-{colour}"),
        round => format!("line line-{colour} round-{}", (round - 1) % 2 + 1),
    }
}

/// A text at a place; `anchor` is start, middle or end.
pub(crate) fn text(
    body: &mut String,
    class: &str,
    (x, y): (f64, f64),
    anchor: &str,
    content: &str,
) {
    let _ = write!(
        body,
        "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{}</text>",
        escape(content)
    );
}
