//! Heat maps: where in a table of two categories values are high, as error by hour and month.

use std::fmt::Write as _;

use crate::bars::{WIDE, labels_below, stride, width};
use crate::frame::{LARGE_LETTER, LETTER, LETTER_WIDTH, ROW, WIDTH, text};
use crate::markup::escape;
use crate::picture::{Drawing, Picture, shortened};
use crate::scale::{Scale, short};
use crate::theme::{HEAT, heat, kind, on_heat};

/// Letters of a row's name.
const NAME: usize = 14;
/// Least and greatest height of a row.
const HEIGHTS: (f64, f64) = (6.0, ROW);
/// Cells up to which each tells its value under the mouse; more would make the file heavy.
const TOLD: usize = 2_000;
/// Greatest height of a row with words in its cells.
const SQUARE: f64 = 60.0;
/// Mean width of a digit beside its height.
const DIGIT: f64 = 0.6;
/// The smallest letters in a cell.
const SMALLEST: f64 = 7.0;
/// Rows beyond this height together are made lower.
const TALLEST: f64 = 560.0;

/// A table of values in colours, on its way to SVG.
///
/// Values are grouped into classes between round numbers, so a colour can be read back from the
/// legend. Without [`HeatMap::signed`] colours go from least to most; with it, from negative to
/// positive around zero.
#[derive(Clone, Debug)]
pub struct HeatMap {
    title: String,
    row_label: String,
    column_label: String,
    unit: String,
    rows: Vec<String>,
    columns: Vec<String>,
    values: Vec<f64>,
    signed: bool,
    written: Option<Written>,
}

/// What stands in the cells of a map whose values are percentages, and what each says under the mouse.
#[derive(Clone, Debug)]
struct Written {
    words: Vec<String>,
    said: Vec<String>,
}

impl HeatMap {
    /// A map of values row by row: `values[row * columns.len() + column]`. A NaN (or an infinite
    /// number) is missing, so are values beyond the last; more values than cells are not drawn.
    pub fn new<R: AsRef<str>, C: AsRef<str>>(
        title: impl Into<String>,
        rows: &[R],
        columns: &[C],
        values: &[f64],
    ) -> Self {
        HeatMap {
            title: title.into(),
            row_label: String::new(),
            column_label: String::new(),
            unit: String::new(),
            rows: rows.iter().map(|row| row.as_ref().to_owned()).collect(),
            columns: columns.iter().map(|c| c.as_ref().to_owned()).collect(),
            values: values.to_vec(),
            signed: false,
            written: None,
        }
    }

    /// Values are percentages, and each cell has a short word in it and a text of its own under the
    /// mouse: one of each for every value.
    #[must_use]
    pub(crate) fn written(mut self, words: Vec<String>, said: Vec<String>) -> Self {
        self.written = Some(Written { words, said });
        self
    }

    /// Whether names of so many letters can stand side by side below the columns of a square map that
    /// has the same names beside its rows.
    pub(crate) fn has_room_below(columns: usize, letters: usize) -> bool {
        let name = letters as f64 * LETTER_WIDTH * WIDE;
        (name + 8.0) * columns as f64 <= WIDTH - 8.0 - (name + 12.0)
    }

    /// What the rows are.
    #[must_use]
    pub fn row_label(mut self, label: impl Into<String>) -> Self {
        self.row_label = label.into();
        self
    }

    /// What the columns are.
    #[must_use]
    pub fn column_label(mut self, label: impl Into<String>) -> Self {
        self.column_label = label.into();
        self
    }

    /// What the colours measure, with its unit.
    #[must_use]
    pub fn unit(mut self, unit: impl Into<String>) -> Self {
        self.unit = unit.into();
        self
    }

    /// Colours diverge from zero: blue below, orange above. For a bias, or a skill.
    #[must_use]
    pub fn signed(mut self) -> Self {
        self.signed = true;
        self
    }

    /// The map as an SVG file, self-contained.
    pub fn render(&self) -> String {
        self.picture().file()
    }

    /// The value of a cell, if there is one.
    fn value(&self, row: usize, column: usize) -> Option<f64> {
        let value = self.values.get(row * self.columns.len() + column)?;
        value.is_finite().then_some(*value)
    }

    /// Every value that has a cell, row by row.
    fn cells(&self) -> impl Iterator<Item = (usize, usize, Option<f64>)> {
        let columns = self.columns.len();
        (0..self.rows.len())
            .flat_map(move |row| (0..columns).map(move |column| (row, column)))
            .map(|(row, column)| (row, column, self.value(row, column)))
    }

    fn scale(&self) -> Option<Scale> {
        let present = || self.cells().filter_map(|(_, _, value)| value);
        let most = present().map(f64::abs).reduce(f64::max)?;
        if self.written.is_some() {
            return Scale::around([0.0, 100.0].into_iter(), HEAT - 2);
        }
        // As many classes as there are colours, or the next fewer between round numbers.
        (2..=2 * HEAT).rev().find_map(|ticks| {
            let scale = if self.signed {
                Scale::around([-most, most].into_iter(), ticks)
            } else {
                Scale::around(present(), ticks)
            }?;
            (2..=HEAT + 1).contains(&scale.ticks.len()).then_some(scale)
        })
    }

    /// The colour of a class, from 1.
    fn colour(&self, class: usize, classes: usize) -> usize {
        if self.signed && classes.is_multiple_of(2) {
            // Each side by itself, its outermost class in the outermost colour.
            let half = (classes / 2).max(1);
            let side = HEAT / 2;
            return if class < half {
                side + 1 - ((half - class) * side).div_ceil(half)
            } else {
                side + ((class - half + 1) * side).div_ceil(half)
            };
        }
        if classes < 2 {
            return HEAT / 2;
        }
        1 + (class * (HEAT - 1) + (classes - 1) / 2) / (classes - 1)
    }
}

/// The class of a value: between which two ticks it lies, the outermost taking what is beyond.
fn class(scale: &Scale, value: f64) -> usize {
    let above = scale.ticks.partition_point(|(tick, _)| *tick <= value);
    above
        .saturating_sub(1)
        .min(scale.ticks.len().saturating_sub(2))
}

/// The path around a cell.
fn block((x, y): (f64, f64), (wide, high): (f64, f64)) -> String {
    format!("M{x:.2} {y:.2}h{wide:.2}v{high:.2}h-{wide:.2}z")
}

/// Diagonals through a cell that has no value, with its outline.
fn hatch(path: &mut String, (x, y): (f64, f64), (wide, high): (f64, f64)) {
    let _ = write!(path, "M{x:.1} {y:.1}h{wide:.1}v{high:.1}h-{wide:.1}z");
    let step = 9.0;
    let mut along = step;
    while along < wide + high {
        let (from_x, from_y) = (along.min(wide), (along - wide).max(0.0));
        let (to_x, to_y) = ((along - high).max(0.0), along.min(high));
        let _ = write!(
            path,
            "M{:.1} {:.1}L{:.1} {:.1}",
            x + from_x,
            y + from_y,
            x + to_x,
            y + to_y
        );
        along += step;
    }
}

/// The size of the letters in cells.
struct Letters {
    /// Nothing where they follow the other letters of the drawing.
    size: Option<f64>,
    /// Whether they give way on a phone.
    spare: bool,
}

impl Letters {
    /// As large as the longest word allows; nothing where it could not be read.
    fn within((wide, high): (f64, f64), words: &[String]) -> Option<Self> {
        let longest = words.iter().map(|word| word.chars().count()).max()?;
        let size = ((wide - 3.0) / (DIGIT * longest.max(1) as f64)).min(high * 0.8);
        (size >= SMALLEST).then_some(Letters {
            size: (size < LETTER).then_some(size),
            spare: size < LARGE_LETTER,
        })
    }

    fn write(&self, body: &mut String, (x, y): (f64, f64), colour: usize, word: &str) {
        if word.is_empty() {
            return;
        }
        let spare = if self.spare { " spare" } else { "" };
        let size = self
            .size
            .map_or(String::new(), |size| format!(" font-size=\"{size:.1}\""));
        let _ = write!(
            body,
            "<text class=\"tick-y cell on-{colour}{spare}\" x=\"{x:.1}\" y=\"{y:.1}\" \
             text-anchor=\"middle\"{size}>{}</text>",
            escape(word)
        );
    }
}

impl Drawing for HeatMap {
    fn picture(&self) -> Picture {
        let mut picture = Picture::titled(&self.title);
        let Some(scale) = self.scale() else {
            picture.say_no_data();
            return picture;
        };
        picture.style(&heat(".ressac-plot", self.signed));
        picture.style(".ressac-plot .hatch{stroke:var(--soft);stroke-opacity:.55}");
        if self.written.is_some() {
            // The cell below tells what it holds when the mouse is on its word.
            picture.style(".ressac-plot .cell{pointer-events:none}");
        }
        picture.say(0.0, "start", &self.row_label);
        picture.height += 6.0;

        let names: Vec<String> = self.rows.iter().map(|row| shortened(row, NAME)).collect();
        let longest = names.iter().map(|name| name.chars().count()).max();
        let left = longest.unwrap_or(0) as f64 * LETTER_WIDTH * WIDE + 12.0;
        let (top, right) = (picture.height, WIDTH - 8.0);
        let wide = (right - left) / self.columns.len() as f64;
        // What is written looks best in cells that are nearly square.
        let highest = match self.written {
            Some(_) => wide.clamp(HEIGHTS.1, SQUARE),
            None => HEIGHTS.1,
        };
        let high = (TALLEST / self.rows.len() as f64).clamp(HEIGHTS.0, highest);
        // A seam between cells where they are large enough to leave one; small ones overlap, so that
        // the ground does not shine through between them.
        let seam = if wide.min(high) > 10.0 { 1.5 } else { -0.4 };
        let classes = scale.ticks.len() - 1;

        let letters = self.written.as_ref().and_then(|written| {
            picture.style(&on_heat(".ressac-plot"));
            Letters::within((wide, high), &written.words)
        });
        let mut words = String::new();
        let (mut missing, mut areas) = (String::new(), vec![String::new(); HEAT + 1]);
        let told = self.rows.len() * self.columns.len() <= TOLD;
        for (row, column, value) in self.cells() {
            let at = (left + column as f64 * wide, top + row as f64 * high);
            let size = (wide - seam, high - seam);
            let Some(value) = value else {
                hatch(&mut missing, at, size);
                continue;
            };
            let colour = self.colour(class(&scale, value), classes);
            let area = block(at, size);
            let cell = row * self.columns.len() + column;
            if let (Some(letters), Some(written)) = (&letters, &self.written) {
                let middle = (at.0 + size.0 / 2.0, at.1 + size.1 / 2.0);
                letters.write(&mut words, middle, colour, &written.words[cell]);
            }
            if told {
                let (row, column) = (&self.rows[row], &self.columns[column]);
                let said = match &self.written {
                    Some(written) => escape(&written.said[cell]),
                    None => escape(&format!("{row}, {column}: {}", short(value))),
                };
                let title = format!("<title>{said}</title>");
                self.fill(&mut picture.body, colour, &area, &title);
            } else {
                areas[colour].push_str(&area);
            }
        }
        for (colour, area) in areas.iter().enumerate().filter(|(_, a)| !a.is_empty()) {
            self.fill(&mut picture.body, colour, area, "");
        }
        picture.body.push_str(&words);
        let has_gaps = !missing.is_empty();
        if has_gaps {
            let _ = write!(picture.body, "<path class=\"hatch\" d=\"{missing}\"/>");
        }
        // As many names as fit with small letters, fewer with large ones.
        let small = stride(names.len(), LETTER * 1.2 / high);
        let large = stride(names.len(), ROW * 0.8 / high).next_multiple_of(small);
        for (row, name) in names.iter().enumerate().step_by(small) {
            let spare = if row.is_multiple_of(large) {
                ""
            } else {
                " spare"
            };
            let at = (left - 8.0, top + (row as f64 + 0.5) * high);
            text(
                &mut picture.body,
                &format!("soft tick-y{spare}"),
                at,
                "end",
                name,
            );
        }
        let bottom = top + self.rows.len() as f64 * high;
        let columns: Vec<String> = self.columns.iter().map(|c| shortened(c, NAME)).collect();
        let baseline = bottom + ROW - 8.0;
        labels_below(
            &mut picture.body,
            &columns,
            (left, wide),
            baseline,
            (0, columns.len()),
        );
        picture.height = bottom + ROW + 2.0;
        picture.say(f64::midpoint(left, right), "middle", &self.column_label);
        picture.height += 10.0;
        self.legend_below(&mut picture, &scale, has_gaps);
        picture
    }
}

impl HeatMap {
    /// An area in a colour, with what it says under the mouse.
    fn fill(&self, body: &mut String, colour: usize, area: &str, title: &str) {
        let kind = kind(self.signed);
        let _ = write!(
            body,
            "<path class=\"{kind}-{colour}\" d=\"{area}\">{title}</path>"
        );
    }

    /// The classes in their colours with the numbers between them, and what a hatch means.
    fn legend_below(&self, picture: &mut Picture, scale: &Scale, has_gaps: bool) {
        const STRIP: f64 = 20.0;
        let room = match (has_gaps, &self.written) {
            (false, _) => 0.0,
            (true, None) => 160.0,
            (true, Some(_)) => 210.0,
        };
        picture.say(0.0, "start", &self.unit);
        // Half of an outermost number stands out on either side.
        let longest = scale.ticks.iter().map(|(_, label)| width(label));
        let half = longest.fold(0.0, f64::max) / 2.0;
        let (left, right) = (half, WIDTH - room - half);
        let classes = scale.ticks.len() - 1;
        let each = (right - left) / classes as f64;
        let top = picture.height;
        for k in 0..classes {
            let area = block((left + k as f64 * each, top), (each, STRIP));
            self.fill(&mut picture.body, self.colour(k, classes), &area, "");
        }
        let baseline = top + STRIP + ROW - 8.0;
        let labels: Vec<String> = scale.ticks.iter().map(|(_, label)| label.clone()).collect();
        // Where signs part is the number that must be read.
        let kept = if self.signed { classes / 2 } else { 0 };
        let whole = if self.signed { kept } else { classes };
        // The numbers stand at the borders: half a place before the middles.
        labels_below(
            &mut picture.body,
            &labels,
            (left - each / 2.0, each),
            baseline,
            (kept, whole),
        );
        if has_gaps {
            let (mut path, from) = (String::new(), WIDTH - room + 24.0);
            hatch(&mut path, (from, top), (26.0, STRIP));
            let _ = write!(picture.body, "<path class=\"hatch\" d=\"{path}\"/>");
            let at = (from + 34.0, top + STRIP / 2.0);
            let word = match self.written {
                Some(_) => "no example",
                None => "missing",
            };
            text(&mut picture.body, "soft tick-y", at, "start", word);
        }
        picture.height = top + STRIP + ROW;
    }
}
