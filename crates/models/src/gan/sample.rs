//! Images that a generator makes: each from a vector of its own, or on the way from one to another.

use std::borrow::Cow;

use serde_json::{Map, Value, json};
use toml::Table;

use ressac_data::rows::{Cell, Column, Kind, Sink};
use ressac_nn::random::Stream;

use super::ask::SampleAsk;
use super::generator::ImageGenerator;
use super::images::Images;
use crate::ModelError;
use crate::family::COMMAND_LINE;
use crate::latent::{between, drawn};
use crate::model::{MadePictures, Sample};
use crate::options::Options;
use crate::pictures::Pictures;

/// Images where nobody says how many.
const COUNT: usize = 16;

/// Images made, and what was asked.
struct Made {
    images: Images,
    /// The class of each; empty where the generator is told none.
    names: Vec<String>,
    asked: Map<String, Value>,
    interpolate: Option<usize>,
}

impl ImageGenerator {
    fn made(&self, ask: &Table, seed: u64) -> Result<Made, ModelError> {
        let ask = SampleAsk::read(ask, COMMAND_LINE.as_ref())?;
        ask.check()?;
        let (count, width) = (ask.count.unwrap_or(COUNT), self.config().latent);
        let stream = Stream::new(seed, "sample");
        let draw = |count: usize| drawn(count, width, ask.truncation, &stream.child("latent"));
        let class = ask.label.as_deref().map(|name| self.class(name));
        let class = class.transpose()?;
        let classes = |count: usize| match class {
            Some(class) => vec![class; count],
            None => self.classes(count, &stream.child("classes")),
        };
        let (latent, classes) = match ask.interpolate {
            None => (draw(count), classes(count)),
            Some(steps) => {
                let ends = draw(count.div_ceil(steps).max(2));
                // The class stays on the way from one vector to the next.
                let of_ends = classes(count.div_ceil(steps).max(2));
                let along = (0..count).map(|at| of_ends[at / steps % of_ends.len()]);
                (between(&ends, width, count, steps), along.collect())
            }
        };
        let images = self.make(&latent, &classes)?;
        let known = &self.pipeline().classes;
        let told = self.pipeline().told(self.config()) > 0;
        let names = classes.iter().filter(|_| told);
        let asked = json!({
            "count": count, "interpolate": ask.interpolate, "truncation": ask.truncation, "label": ask.label,
        });
        Ok(Made {
            images,
            names: names.map(|class| known[*class].clone()).collect(),
            asked: match asked {
                Value::Object(asked) => asked,
                _ => Map::new(),
            },
            interpolate: ask.interpolate,
        })
    }
}

impl Sample for ImageGenerator {
    fn sample(
        &self,
        ask: &Table,
        seed: u64,
        sink: &mut dyn Sink,
    ) -> Result<Map<String, Value>, ModelError> {
        let made = self.made(ask, seed)?;
        let [height, width, channels] = self.config().sides();
        let mut columns = vec![
            Column::new("id", Kind::Integer),
            Column::new("class", Kind::Text),
        ];
        let places = (0..height).flat_map(|y| (0..width).map(move |x| (y, x)));
        columns.extend(places.flat_map(|(y, x)| {
            (0..channels).map(move |channel| {
                let colour = match channels {
                    1 => "",
                    _ => ["_red", "_green", "_blue"][channel % 3],
                };
                Column::new(format!("y{}_x{}{colour}", y + 1, x + 1), Kind::Number)
            })
        }));
        sink.begin(&columns)?;
        for place in 0..made.images.len() {
            let name = made.names.get(place).map_or(Cell::Missing, |name| {
                Cell::Text(Cow::Borrowed(name.as_str()))
            });
            let mut cells = vec![Cell::Integer(place as i64 + 1), name];
            let pixels = made.images.image(place).iter();
            cells.extend(pixels.map(|value| Cell::Number(f64::from(*value))));
            sink.row(&cells)?;
        }
        sink.finish()?;
        Ok(made.asked)
    }

    fn pictures(&self, ask: &Table, seed: u64) -> Result<Option<MadePictures>, ModelError> {
        let made = self.made(ask, seed)?;
        let mut pictures = Pictures::of(made.images.pixels(), self.config().sides());
        if let Some(steps) = made.interpolate {
            // Each way is a row of a sheet.
            pictures = pictures.across(steps);
        }
        Ok(Some((pictures.named(made.names), made.asked)))
    }

    fn makes_images(&self) -> bool {
        true
    }
}
