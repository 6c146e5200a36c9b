//! `ressac draw`: the network of a model folder, or a notion of the lecture, as SVG.

use std::path::Path;

use burn::tensor::Device;
use serde_json::{Value, json};

use ressac_chart::Sketch;
use ressac_chart::notion::{Gates, Notion, Reset, Steps};
use ressac_data::nearest;
use ressac_folder::{ModelFolder, atomic};

use crate::args::DrawArgs;
use crate::failure::Failure;
use crate::output::Output;

pub(crate) fn run(args: &DrawArgs, device: &Device, output: &Output) -> Result<(), Failure> {
    let svg = |path: &Path| {
        path.extension()
            .is_some_and(|end| end.eq_ignore_ascii_case("svg"))
    };
    if !svg(&args.out) {
        return Err(Failure::usage(format!(
            "`--out {}`: what is drawn is SVG; name a file that ends in `.svg`, such as `{}`",
            args.out.display(),
            args.out.with_extension("svg").display()
        )));
    }
    let name = args.what.to_string_lossy();
    let (sketch, parameters) = match Notion::named(&name) {
        Some(usual) => (notion(&name, usual, args)?.sketch(args.lang.into()), None),
        None => {
            refuse_unknown(&args.what, &name)?;
            let (sketch, parameters) = of_model(args, device)?;
            (sketch, Some(parameters))
        }
    };
    atomic::write(&args.out, sketch.file().as_bytes()).map_err(|error| {
        Failure::failed(format!("cannot write `{}`: {error}", args.out.display()))
    })?;
    output.result(&format!("{}: {}", args.out.display(), sketch.title()));
    let mut told = json!({
        "file": args.out,
        "drawn": args.what,
        "title": sketch.title(),
        "language": args.lang.code(),
        "unfold": args.unfold.map(Steps::get),
    });
    if let Some(parameters) = parameters {
        told["parameters"] = Value::from(parameters);
    }
    output.json(&told);
    Ok(())
}

/// The notion with its options; an option that would change nothing is refused.
fn notion(name: &str, notion: Notion, args: &DrawArgs) -> Result<Notion, Failure> {
    if args.gates.is_some() && name != "lstm" {
        return Err(not_for("gates", name, "only the gates of `lstm` have it"));
    }
    if args.reset.is_some() && name != "gru" {
        return Err(not_for("reset", name, "only `gru` has a reset gate"));
    }
    let gates = args.gates.map_or_else(Gates::default, Gates::from);
    let reset = args.reset.map_or_else(Reset::default, Reset::from);
    let unfold = args.unfold;
    let why = match notion {
        Notion::Recurrent(_) => return Ok(Notion::Recurrent(unfold)),
        Notion::Rnn(_) => return Ok(Notion::Rnn(unfold)),
        Notion::Lstm(..) => return Ok(Notion::Lstm(gates, unfold)),
        Notion::Gru(..) => return Ok(Notion::Gru(reset, unfold)),
        Notion::Mappings => "it is drawn unfolded already",
        Notion::Neuron => "it has no loop to unfold; `recurrent` has one",
        _ => "it has no loop to unfold",
    };
    match unfold {
        Some(_) => Err(not_for("unfold", name, why)),
        None => Ok(notion),
    }
}

fn not_for(option: &str, name: &str, why: &str) -> Failure {
    Failure::usage(format!(
        "`--{option}` has no meaning for `{name}`: {why}. Leave it out"
    ))
}

/// A bare word that is no folder is most likely a notion with a slip in it.
fn refuse_unknown(path: &Path, name: &str) -> Result<(), Failure> {
    if path.exists() || path.components().count() > 1 {
        return Ok(());
    }
    let meant = match nearest(name, Notion::NAMES) {
        Some(near) => format!("Did you mean `{near}`? "),
        None => String::new(),
    };
    Err(Failure::usage(format!(
        "`{name}` is neither a model folder here nor a notion. {meant}The notions are {}",
        Notion::NAMES.join(", ")
    )))
}

fn of_model(args: &DrawArgs, device: &Device) -> Result<(Sketch, usize), Failure> {
    let folder = ModelFolder::open(&args.what)?;
    let given = [
        ("gates", args.gates.is_some()),
        ("reset", args.reset.is_some()),
    ];
    if let Some((option, _)) = given.iter().find(|(_, given)| *given) {
        return Err(Failure::usage(format!(
            "`--{option}` is for the notions: a model is drawn as it is. Leave it out"
        )));
    }
    let structure = ressac_models::open(&folder, device)?.structure();
    let name = args
        .what
        .canonicalize()
        .ok()
        .and_then(|path| Some(path.file_name()?.to_string_lossy().into_owned()))
        .unwrap_or_default();
    let sketch = structure.sketch(&name, args.lang.into(), args.unfold)?;
    Ok((sketch, structure.parameters))
}
