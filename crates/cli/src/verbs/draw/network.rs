//! A model's structure in the words of a drawing, English or French.

use ressac_chart::network::{Block, Kind, Part, network};
use ressac_chart::notion::Steps;
use ressac_chart::{Language, Sketch};
use ressac_models::cell::{Activation, CellChoice, Gates, Reset};
use ressac_models::structure::{Layer, LayerKind, Purpose, Reading, Role, Stage, Structure};

use crate::failure::Failure;

/// The drawing of a model called `name`, its recurrent parts unfolded over so many steps.
pub(super) fn sketch(
    structure: &Structure,
    name: &str,
    language: Language,
    unfold: Option<Steps>,
) -> Result<Sketch, Failure> {
    let say = |english, french| language.of(english, french);
    if let Some(steps) = unfold {
        let read = structure
            .stages
            .iter()
            .filter_map(|stage| stage.steps)
            .next();
        match read {
            Some(read) if steps.get() > read => {
                return Err(Failure::usage(format!(
                    "`--unfold {}`: the network reads {read} steps; give at most so many",
                    steps.get()
                )));
            }
            None => {
                return Err(Failure::usage(
                    "`--unfold` has no meaning for this model: it has no recurrent layer. Leave it out",
                ));
            }
            Some(_) => {}
        }
    }
    let inputs = structure.reads.iter().map(|read| reading(read, language));
    let mut parts = vec![
        Part::together(say("reads", "lit"), inputs.collect()).note(&format!(
            "{} {}",
            structure.context,
            say("steps of the past", "pas du passé")
        )),
        Part::chain(
            say("scaling", "mise à l’échelle"),
            vec![scaling(structure, language)],
        ),
    ];
    for stage in &structure.stages {
        parts.push(part(stage, structure, language, unfold));
    }
    let values = match structure.outputs {
        1 => say("one value a step", "une valeur par pas").to_owned(),
        count => format!("{count} quantiles"),
    };
    let (count, ahead) = (structure.horizon, say("steps ahead", "pas à venir"));
    parts.push(Part::chain(
        say("gives", "donne"),
        vec![Block::new(
            Kind::Output,
            &listed(&structure.gives),
            &[
                format!("{count} {ahead}"),
                values,
                say("in the user’s units", "dans les unités d’origine").to_owned(),
            ],
        )],
    ));
    let title = format!("{name}: {}", structure.name);
    let total = format!(
        "{} {}",
        grouped(structure.parameters),
        say("parameters in all", "paramètres en tout")
    );
    let mut remarks = vec![total];
    if unfold.is_some() {
        remarks.push(
            say(
                "The same weights at every step shown.",
                "Les mêmes poids à chaque pas montré.",
            )
            .to_owned(),
        );
    }
    Ok(network(&title, language, &parts, &remarks))
}

fn reading(read: &Reading, language: Language) -> Block {
    let role = match read.role {
        Role::Target => language.of("to forecast", "à prévoir"),
        Role::Observed => language.of("1 where a value was", "1 si la valeur existe"),
        Role::Past => language.of("past only", "passé seulement"),
        Role::Known => language.of("known ahead", "connu d’avance"),
        Role::Calendar => language.of("known ahead", "connu d’avance"),
        Role::Static => language.of("fixed for a series", "fixe par série"),
        _ => "",
    };
    let name = match read.role {
        Role::Calendar => language.of("calendar", "calendrier").to_owned(),
        Role::Observed => language
            .of("which are there", "valeurs présentes")
            .to_owned(),
        _ => listed(&read.names),
    };
    Block::new(
        Kind::Input,
        &name,
        &[role.to_owned(), numbers(read.width, language)],
    )
}

fn scaling(structure: &Structure, language: Language) -> Block {
    let say = |english, french| language.of(english, french);
    let scaling = structure.scaling;
    let mut about = vec![match scaling.by_series {
        true => say("of each series", "de chaque série"),
        false => say("of the training part", "de l’apprentissage"),
    }];
    if scaling.reversible {
        about.push(say("then of each window", "puis de chaque fenêtre"));
    }
    if scaling.subtract_last {
        about.push(say("less the last value", "moins la dernière valeur"));
    }
    about.push(say("undone after", "défait ensuite"));
    Block::new(Kind::Scaling, say("z-score", "centrer, réduire"), &about)
}

fn part(stage: &Stage, structure: &Structure, language: Language, unfold: Option<Steps>) -> Part {
    let say = |english, french| language.of(english, french);
    let heading = match stage.purpose {
        Purpose::Embed => say("embedding", "plongement"),
        Purpose::Encode => say("encoder", "encodeur"),
        Purpose::Summary => say("summary", "résumé"),
        Purpose::Decode => say("decoder", "décodeur"),
        Purpose::Head => say("head", "tête"),
        Purpose::Lags => say("plus the lags", "plus les retards"),
        _ => "",
    };
    let blocks = stage
        .layers
        .iter()
        .map(|layer| block(layer, stage, language));
    let mut part = Part::chain(heading, blocks.collect());
    if stage.ahead > 0 {
        part = part.beside(Block::new(
            Kind::Input,
            say("known ahead", "connu d’avance"),
            &[
                numbers(stage.ahead, language),
                say("at each step", "à chaque pas").to_owned(),
            ],
        ));
    }
    if let Some(steps) = stage.steps {
        let segments = structure
            .stages
            .iter()
            .any(|stage| stage.purpose == Purpose::Embed);
        let (one, unit) = if segments {
            ("segment", "segments")
        } else {
            (say("step", "pas"), say("steps", "pas"))
        };
        part = part.note(&format!(
            "{} {}",
            say("over", "sur"),
            counted(steps, one, unit)
        ));
        // Its vectors and maps stand before the recurrence, so only a stage of one kind unfolds.
        let all = stage
            .layers
            .iter()
            .all(|layer| matches!(layer.kind, LayerKind::Recurrent { .. }));
        if let (Some(shown), true) = (unfold, all) {
            part = part.unfolded(match (segments, shown.get().min(steps)) {
                (true, shown) => (steps - shown + 1..=steps)
                    .map(|k| format!("segment {k}"))
                    .collect(),
                (false, shown) => names(stage.purpose, shown),
            });
        }
    }
    if stage.dropout > 0.0 {
        part = part.note(&format!("dropout {}", stage.dropout));
    }
    let options = stage.recurrent;
    for (share, name) in [
        (
            options.dropout,
            say("recurrent dropout", "dropout récurrent"),
        ),
        (options.zoneout, "zoneout"),
    ] {
        if share > 0.0 {
            part = part.note(&format!("{name} {share}"));
        }
    }
    for (there, name) in [
        (
            options.layer_norm,
            say("layer normalisation", "couches normalisées"),
        ),
        (
            options.residual,
            say("residual connections", "liaisons résiduelles"),
        ),
    ] {
        if there {
            part = part.note(name);
        }
    }
    part
}

/// What the steps shown are called: the last ones read, or the first ones ahead.
fn names(purpose: Purpose, count: usize) -> Vec<String> {
    match purpose {
        Purpose::Decode => (1..=count).map(|step| format!("t + {step}")).collect(),
        _ => (0..count)
            .rev()
            .map(|back| match back {
                0 => "t".to_owned(),
                back => format!("t − {back}"),
            })
            .collect(),
    }
}

fn block(layer: &Layer, stage: &Stage, language: Language) -> Block {
    let say = |english, french| language.of(english, french);
    let mut form = String::new();
    let (kind, name) = match &layer.kind {
        LayerKind::Recurrent { cell, directions } => {
            let both = if *directions > 1 { " ↔" } else { "" };
            let (cell, unlike) = named(*cell, language);
            form = unlike;
            (Kind::Recurrent, format!("{cell} {}{both}", layer.output))
        }
        LayerKind::Linear { activation } => {
            let name = match *activation {
                "identity" => say("linear", "linéaire").to_owned(),
                activation => format!("{} {activation}", say("linear", "linéaire")),
            };
            (Kind::Layer, format!("{name} {}", layer.output))
        }
        LayerKind::Vectors { count } => (
            Kind::Layer,
            counted(*count, say("vector", "vecteur"), say("vectors", "vecteurs")),
        ),
        LayerKind::Weighted => (
            Kind::Layer,
            counted(layer.input, say("weight", "poids"), say("weights", "poids")),
        ),
        _ => (Kind::Layer, String::new()),
    };
    let sizes = format!("{} → {}", layer.input, layer.output);
    let weights = match layer.parameters {
        0 => say("weights of the encoder", "poids de l’encodeur").to_owned(),
        1 => say("1 parameter", "1 paramètre").to_owned(),
        count => format!("{} {}", grouped(count), say("parameters", "paramètres")),
    };
    let about = match (&layer.kind, stage.purpose) {
        (LayerKind::Vectors { .. }, _) => vec![
            format!("{} {}", say("of", "de"), numbers(layer.output, language)),
            weights,
        ],
        (_, Purpose::Lags) => vec![
            say("of earlier values", "de valeurs passées").to_owned(),
            weights,
        ],
        _ if form.is_empty() => vec![sizes, weights],
        _ => vec![form, sizes, weights],
    };
    Block::new(kind, &name, &about)
}

/// A cell's name, and what makes it another than the usual cell of that name.
fn named(cell: CellChoice, language: Language) -> (&'static str, String) {
    let (name, unlike) = match cell {
        CellChoice::Rnn(Activation::Tanh) => ("RNN", ""),
        CellChoice::Rnn(activation) => return ("RNN", activation.to_string()),
        CellChoice::Lstm(Gates::Hidden) => ("LSTM", ""),
        CellChoice::Lstm(Gates::Cell) => ("LSTM", language.of("gates read C", "portes lisant C")),
        CellChoice::Lstm(Gates::Peephole) => ("LSTM", "peephole"),
        CellChoice::Gru(Reset::After) => ("GRU", ""),
        CellChoice::Gru(Reset::Before) => {
            ("GRU", language.of("reset before", "réinitialisation avant"))
        }
        CellChoice::MinimalGru => ("MINIMAL-GRU", ""),
        CellChoice::MinimalLstm => ("MINIMAL-LSTM", ""),
    };
    (name, unlike.to_owned())
}

fn numbers(count: usize, language: Language) -> String {
    counted(
        count,
        language.of("number", "nombre"),
        language.of("numbers", "nombres"),
    )
}

fn counted(count: usize, one: &str, several: &str) -> String {
    let word = if count == 1 { one } else { several };
    format!("{count} {word}")
}

/// The first names, and how many others there are.
fn listed(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [one, two] if one.chars().count() + two.chars().count() < 18 => format!("{one}, {two}"),
        [one, rest @ ..] => {
            let others = format!(" + {}", rest.len());
            let room = 19 - others.chars().count().min(10);
            match one.chars().count() > room {
                true => format!(
                    "{}…{others}",
                    one.chars().take(room - 1).collect::<String>()
                ),
                false => format!("{one}{others}"),
            }
        }
    }
}

/// Digits in threes, apart by a narrow space, from ten thousand on.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    if digits.len() < 5 {
        return digits;
    }
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push('\u{202f}');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_and_many_names_counted() {
        assert_eq!(grouped(9_999), "9999");
        assert_eq!(grouped(1_234_567), "1\u{202f}234\u{202f}567");
        let names = |list: &[&str]| {
            list.iter()
                .map(|name| (*name).to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(listed(&names(&["load", "heat"])), "load, heat");
        assert_eq!(listed(&names(&["load", "heat", "wind"])), "load + 2");
        assert_eq!(
            listed(&names(&["a very long name of a column", "b", "c"])),
            "a very long na… + 2"
        );
    }

    #[test]
    fn steps_read_end_at_t_and_steps_ahead_begin_after_it() {
        assert_eq!(names(Purpose::Encode, 3), ["t − 2", "t − 1", "t"]);
        assert_eq!(names(Purpose::Decode, 2), ["t + 1", "t + 2"]);
    }
}
