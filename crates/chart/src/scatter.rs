//! Scatter plots: items as points of a plane, such as the codes of an autoencoder, coloured by class.

use std::fmt::Write as _;

use crate::frame::{Frame, ROW};
use crate::markup::escape;
use crate::picture::{Drawing, Picture, Sample};
use crate::scale::Scale;
use crate::theme::COLOURS;

/// Classes with a name of their own: each colour as a dot and as a cross. Those beyond are the others.
const NAMED: usize = 2 * COLOURS;
/// More points than this have places two units apart, and three: below the size of a point nobody sees it.
const MANY: usize = 10_000;
const VERY_MANY: usize = 50_000;

/// Points of a plane, each of a class, on their way to SVG.
///
/// Up to twelve classes are told apart, six by their colour and six more by a cross in place of the
/// dot; those beyond are drawn as one, the others. Later classes lie over earlier ones, the others below all.
///
/// ```
/// use ressac_chart::Scatter;
/// let svg = Scatter::new("Codes", &["cat", "dog"])
///     .x_label("first component")
///     .y_label("second component")
///     .points(&[(0.1, 0.2, 0), (0.9, 0.7, 1), (0.8, 0.9, 1)])
///     .render();
/// assert!(svg.contains("<title>dog: 2 points</title>"));
/// ```
#[derive(Clone, Debug)]
pub struct Scatter {
    title: String,
    x_label: String,
    y_label: String,
    classes: Vec<String>,
    points: Vec<(f64, f64, usize)>,
}

/// What is drawn of one class.
struct Group<'a> {
    /// [`NAMED`] for the others.
    index: usize,
    name: &'a str,
    points: Vec<(f64, f64)>,
}

impl Scatter {
    /// A plot with the names of its classes, without points yet. Without a name all points are alike.
    pub fn new<C: AsRef<str>>(title: impl Into<String>, classes: &[C]) -> Self {
        Scatter {
            title: title.into(),
            x_label: String::new(),
            y_label: String::new(),
            classes: classes.iter().map(|c| c.as_ref().to_owned()).collect(),
            points: Vec::new(),
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

    /// Adds points: x, y, and which of the classes, from 0; a class without a name is one of the others.
    /// A point with a NaN (or an infinite number) is left out, and the plot says how many are.
    #[must_use]
    pub fn points(mut self, points: &[(f64, f64, usize)]) -> Self {
        self.points.extend_from_slice(points);
        self
    }

    /// The plot as an SVG file, self-contained.
    pub fn render(&self) -> String {
        self.picture().file()
    }

    fn drawn(&self) -> impl Iterator<Item = &(f64, f64, usize)> {
        let points = self.points.iter();
        points.filter(|(x, y, _)| x.is_finite() && y.is_finite())
    }

    /// The named classes in order, with a point or not, then the others if there are any.
    fn groups(&self) -> Vec<Group<'_>> {
        let alike = self.classes.is_empty();
        let names: Vec<&str> = match alike {
            true => vec![""],
            false => self.classes.iter().take(NAMED).map(|c| &**c).collect(),
        };
        let named = names.len();
        let mut groups: Vec<Group<'_>> = names
            .into_iter()
            .chain(["others"])
            .enumerate()
            .map(|(k, name)| Group {
                index: if k < named { k } else { NAMED },
                name,
                points: Vec::new(),
            })
            .collect();
        for (x, y, class) in self.drawn() {
            let group = if alike { 0 } else { *class.min(&named) };
            groups[group].points.push((*x, *y));
        }
        if groups[named].points.is_empty() && self.classes.len() <= NAMED {
            groups.pop();
        }
        groups
    }
}

impl Drawing for Scatter {
    fn picture(&self) -> Picture {
        let mut picture = Picture::titled(&self.title);
        picture.style(STYLE);
        let groups = self.groups();
        let entries: Vec<(&str, Sample)> = groups
            .iter()
            .map(|group| (group.name, Sample::Point(group.index)))
            .collect();
        picture.legend(&entries);
        picture.say(0.0, "start", &self.y_label);
        picture.height += 16.0;
        let x = Scale::around(self.drawn().map(|(x, _, _)| *x), 6);
        let y = Scale::around(self.drawn().map(|(_, y, _)| *y), 5);
        let (Some(x), Some(y)) = (x, y) else {
            picture.say_no_data();
            return picture;
        };
        let frame = Frame::below(picture.height, x, y);
        let body = &mut picture.body;
        frame.axes(body);
        let count = self.drawn().count();
        let grid = if count > VERY_MANY {
            3.0
        } else if count > MANY {
            2.0
        } else {
            1.0
        };
        // The others lie below those with a name.
        let (others, named): (Vec<_>, Vec<_>) = groups
            .iter()
            .filter(|group| !group.points.is_empty())
            .partition(|group| group.index == NAMED);
        for group in others.into_iter().chain(named) {
            let places = group.points.iter();
            let places = places.map(|(x, y)| {
                let snapped = |at: f64| ((at / grid).round() * grid) as i32;
                (snapped(frame.across(*x)), snapped(frame.up(*y)))
            });
            let count = group.points.len();
            let points = if count == 1 { "point" } else { "points" };
            let said = match group.name {
                "" => format!("{count} {points}"),
                name => format!("{name}: {count} {points}"),
            };
            let _ = write!(
                body,
                "<path class=\"{}\" d=\"{}\"><title>{}</title></path>",
                class(group.index),
                path(group.index, places.collect()),
                escape(&said)
            );
        }
        picture.height = frame.bottom + 8.0 + ROW;
        let middle = f64::midpoint(frame.left, frame.right);
        picture.say(middle, "middle", &self.x_label);
        let left_out = self.points.len() - count;
        if left_out > 0 {
            let words = format!("{left_out} without a place, not shown");
            picture.say(middle, "middle", &words);
        }
        picture
    }
}

const STYLE: &str = ".ressac-plot .point{stroke-width:5;stroke-linecap:round;opacity:.8}\
.ressac-plot .sample{stroke-width:9}\
.ressac-plot .cross,.ressac-plot .others{stroke-width:1.6}\
.ressac-plot .others{stroke:var(--soft)}\
@media (max-width:600px){.ressac-plot .point{stroke-width:8}.ressac-plot .sample{stroke-width:12}\
.ressac-plot .cross,.ressac-plot .others{stroke-width:2.5}}";

/// Classes of the points of a group.
pub(crate) fn class(index: usize) -> String {
    let colour = index % COLOURS + 1;
    match index / COLOURS {
        0 => format!("point line-{colour}"),
        1 => format!("point cross line-{colour}"),
        _ => "point others".to_owned(),
    }
}

/// The points of a group as one path, in order of place, each place once: steps between neighbours are
/// short to write.
pub(crate) fn path(index: usize, mut places: Vec<(i32, i32)>) -> String {
    places.sort_unstable();
    places.dedup();
    // Each comes back to the middle. A path of no length with round ends is a dot.
    let shape = match index / COLOURS {
        0 => "h0",
        1 => "m-3-3l6 6m0-6l-6 6m3-3",
        _ => "m-3-3h6v6h-6zm3 3",
    };
    let (mut path, mut from) = (String::new(), None);
    for (x, y) in places {
        let _ = match from {
            None => write!(path, "M{x} {y}{shape}"),
            Some((left, above)) => {
                let (dx, dy) = (x - left, y - above);
                let gap = if dy < 0 { "" } else { " " };
                write!(path, "m{dx}{gap}{dy}{shape}")
            }
        };
        from = Some((x, y));
    }
    path
}
