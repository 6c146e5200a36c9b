//! A structure as a drawing, in English or French.

use ressac_chart::network::{Block, Kind, Part, network};
use ressac_chart::{Language, Sketch, notion};

use super::words::grouped;
use super::{Item, Layer, LayerKind, Pooling, Stage, StepNames, Steps, Structure, Words};
use crate::ModelError;
use crate::cell::{Activation, CellChoice, Gates, Reset};

impl Structure {
    /// The drawing of a model called `name`, its recurrent stages unfolded over so many steps.
    ///
    /// # Errors
    /// [`ModelError::Options`] naming `unfold`, where the first recurrent stage has fewer steps or there is none.
    pub fn sketch(
        &self,
        name: &str,
        language: Language,
        unfold: Option<notion::Steps>,
    ) -> Result<Sketch, ModelError> {
        let shown = unfold.map(notion::Steps::get);
        if let Some(shown) = shown {
            self.check_unfold(shown)?;
        }
        let say = |english, french| language.of(english, french);
        let items =
            |items: &[Item], kind| items.iter().map(|of| item(of, kind, language)).collect();
        let mut reads = Part::together(say("reads", "lit"), items(&self.inputs, Kind::Input));
        if let Some(extent) = &self.extent {
            reads = reads.note(extent.of(language));
        }
        let mut parts = vec![reads];
        if let Some(scaling) = &self.scaling {
            let block = item(scaling, Kind::Scaling, language);
            parts.push(Part::chain(say("scaling", "mise à l’échelle"), vec![block]));
        }
        for (place, stage) in self.stages.iter().enumerate() {
            let next = self
                .stages
                .get(place + 1)
                .and_then(|stage| stage.layers.first());
            let mut part = part(stage, language, shown);
            if next.is_some_and(|layer| layer.kind.reads_every_step()) {
                part = part.read_at_every_step();
            }
            parts.push(part);
        }
        let gives = items(&self.outputs, Kind::Output);
        parts.push(Part::together(say("gives", "donne"), gives));
        let mut remarks = vec![format!(
            "{} {}",
            grouped(self.parameters),
            say("parameters in all", "paramètres en tout")
        )];
        if unfold.is_some() {
            let same = say(
                "The same weights at every step shown.",
                "Les mêmes poids à chaque pas montré.",
            );
            remarks.push(same.to_owned());
        }
        let title = format!("{name}: {}", self.name);
        Ok(network(&title, language, &parts, &remarks))
    }

    fn check_unfold(&self, shown: usize) -> Result<(), ModelError> {
        let problem = match self.stages.iter().find_map(successive) {
            None => {
                "has no meaning for this model: no step of it follows another. Leave it out".into()
            }
            Some((Some(count), _)) if shown > count => {
                format!("is {shown}, and the network reads {count} steps: give at most {count}")
            }
            Some(_) => return Ok(()),
        };
        Err(ModelError::Options {
            key: "unfold".into(),
            problem,
        })
    }
}

/// How many steps of a stage follow one another, and what they are called.
fn successive(stage: &Stage) -> Option<(Option<usize>, &StepNames)> {
    let Steps { count, names, .. } = stage.steps.as_ref()?;
    Some((*count, names.as_ref()?))
}

fn item(item: &Item, kind: Kind, language: Language) -> Block {
    let notes: Vec<&str> = item.notes.iter().map(|note| note.of(language)).collect();
    Block::new(kind, item.name.of(language), &notes)
}

fn part(stage: &Stage, language: Language, shown: Option<usize>) -> Part {
    let blocks = stage.layers.iter().map(|layer| block(layer, language));
    let mut part = Part::chain(stage.heading.of(language), blocks.collect());
    if let Some(beside) = &stage.beside {
        part = part.beside(item(beside, Kind::Input, language));
    }
    if let (Some(shown), Some((count, names))) = (shown, successive(stage)) {
        part = part.unfolded(step_names(names, count, shown, language));
    }
    notes(stage, language)
        .iter()
        .fold(part, |part, note| part.note(note))
}

/// The lines below a stage: its steps, and what happens in training.
fn notes(stage: &Stage, language: Language) -> Vec<String> {
    let extras = stage.recurrent;
    let share =
        |share: f64, en, fr| (share > 0.0).then(|| format!("{} {share}", language.of(en, fr)));
    let there = |there: bool, en, fr| there.then(|| language.of(en, fr).to_owned());
    let steps = stage.steps.as_ref();
    [
        steps.map(|steps| steps.over.of(language).to_owned()),
        share(stage.dropout, "dropout", "dropout"),
        share(extras.dropout, "recurrent dropout", "dropout récurrent"),
        share(extras.zoneout, "zoneout", "zoneout"),
        there(
            extras.layer_norm,
            "layer normalisation",
            "couches normalisées",
        ),
        there(
            extras.residual,
            "residual connections",
            "liaisons résiduelles",
        ),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// What the steps shown are called.
fn step_names(
    names: &StepNames,
    count: Option<usize>,
    shown: usize,
    language: Language,
) -> Vec<String> {
    let shown = shown.min(count.unwrap_or(shown));
    match names {
        StepNames::Past => (0..shown)
            .rev()
            .map(|back| match back {
                0 => "t".to_owned(),
                back => format!("t − {back}"),
            })
            .collect(),
        StepNames::Ahead => (1..=shown).map(|step| format!("t + {step}")).collect(),
        StepNames::Numbered(word) => {
            let last = count.unwrap_or(shown);
            (last - shown + 1..=last)
                .map(|step| format!("{} {step}", word.of(language)))
                .collect()
        }
    }
}

fn block(layer: &Layer, language: Language) -> Block {
    let say = |english, french| language.of(english, french);
    let output = grouped(layer.output);
    let sizes = || format!("{} → {output}", grouped(layer.input));
    let (name, mut about) = match &layer.kind {
        LayerKind::Recurrent { cell, directions } => {
            let both = if *directions > 1 { " ↔" } else { "" };
            let (cell, unlike) = named(*cell, language);
            let mut about: Vec<String> = unlike.into_iter().collect();
            about.push(sizes());
            (format!("{cell} {output}{both}"), about)
        }
        LayerKind::Linear { activation } => {
            let linear = say("linear", "linéaire");
            let name = match activation {
                None => format!("{linear} {output}"),
                Some(activation) => format!("{linear} {activation} {output}"),
            };
            (name, vec![sizes()])
        }
        LayerKind::Vectors => {
            let count = Words::counted(layer.input, ("vector", "vecteur"), ("vectors", "vecteurs"));
            let numbers = Words::numbers(layer.output);
            let of = format!("{} {}", say("of", "de"), numbers.of(language));
            (count.of(language).to_owned(), vec![of])
        }
        LayerKind::Weighted => {
            let count = Words::counted(layer.input, ("weight", "poids"), ("weights", "poids"));
            (count.of(language).to_owned(), Vec::new())
        }
        LayerKind::Pooling(Pooling::Mean) => (say("mean", "moyenne").to_owned(), vec![sizes()]),
        LayerKind::Pooling(Pooling::Max) => (say("maximum", "maximum").to_owned(), vec![sizes()]),
        LayerKind::Attention => (say("attention", "attention").to_owned(), vec![sizes()]),
        LayerKind::Other(name) => (name.of(language).to_owned(), vec![sizes()]),
    };
    about.extend(layer.notes.iter().map(|note| note.of(language).to_owned()));
    if layer.parameters > 0 {
        let parameters = Words::counted(
            layer.parameters,
            ("parameter", "paramètre"),
            ("parameters", "paramètres"),
        );
        about.push(parameters.of(language).to_owned());
    }
    match layer.kind {
        LayerKind::Recurrent { directions, .. } if directions > 1 => {
            Block::new(Kind::Recurrent, &name, &about).both_ways()
        }
        LayerKind::Recurrent { .. } => Block::new(Kind::Recurrent, &name, &about),
        _ => Block::new(Kind::Layer, &name, &about),
    }
}

/// A cell's name, and what makes it another than the usual cell of that name.
fn named(cell: CellChoice, language: Language) -> (&'static str, Option<String>) {
    let (name, unlike) = match cell {
        CellChoice::Rnn(Activation::Tanh) => ("RNN", None),
        CellChoice::Rnn(activation) => return ("RNN", Some(activation.to_string())),
        CellChoice::Lstm(Gates::Hidden) => ("LSTM", None),
        CellChoice::Lstm(Gates::Cell) => {
            ("LSTM", Some(language.of("gates read C", "portes lisant C")))
        }
        CellChoice::Lstm(Gates::Peephole) => ("LSTM", Some("peephole")),
        CellChoice::Gru(Reset::After) => ("GRU", None),
        CellChoice::Gru(Reset::Before) => (
            "GRU",
            Some(language.of("reset before", "réinitialisation avant")),
        ),
        CellChoice::MinimalGru => ("MINIMAL-GRU", None),
        CellChoice::MinimalLstm => ("MINIMAL-LSTM", None),
    };
    (name, unlike.map(str::to_owned))
}
