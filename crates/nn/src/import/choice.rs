//! Which of a file's recurrent networks is meant.
use super::error::{listed, shown};
use super::names::{Candidate, Shapes, networks};
use super::network::{CellKind, Convention, FoundNetwork};
use super::{ImportError, WeightFile};

/// The key of the texts in a safetensors file of ours.
pub(super) const METADATA: &str = "ressac";

/// Every network in a file, usable or not.
fn candidates(file: &WeightFile) -> Vec<Candidate> {
    let shapes: Shapes<'_> = file.shapes().collect();
    networks(
        &shapes,
        own(file)
            .and_then(|own| own["directions"].as_u64())
            .map(|n| n as usize),
    )
}

/// The recurrent networks in a file, in the order of their names; what looks like one and is not whole is
/// left out.
pub fn networks_in(file: &WeightFile) -> Vec<FoundNetwork> {
    let whole = candidates(file).into_iter();
    whole
        .filter_map(|candidate| candidate.network.ok())
        .collect()
}

/// What a file that we wrote says of itself.
pub(super) fn own(file: &WeightFile) -> Option<serde_json::Value> {
    serde_json::from_str(file.metadata.get(METADATA)?).ok()
}

/// The networks of `prefixes`, joined where there are several; or, without any, the only one there is.
pub(super) fn choose(
    file: &WeightFile,
    prefixes: &[String],
    layer: Option<CellKind>,
) -> Result<FoundNetwork, ImportError> {
    let candidates = candidates(file);
    if prefixes.is_empty() {
        return only(file, &candidates, layer);
    }
    let networks: Vec<FoundNetwork> = prefixes
        .iter()
        .map(|prefix| named(&candidates, prefix.trim_end_matches(['.', '/'])))
        .collect::<Result<_, _>>()?;
    let network = joined(networks)?;
    match layer {
        Some(layer) if !is(network.cell, layer) => Err(ImportError::Unfit(format!(
            "{} is {}, not {layer}",
            shown(&network.prefix),
            network.cell
        ))),
        _ => Ok(network),
    }
}

/// Whether a cell is what was asked for: both GRUs are `gru`.
fn is(cell: CellKind, asked: CellKind) -> bool {
    cell == asked || (cell == CellKind::GruBefore && asked == CellKind::Gru)
}

fn named(candidates: &[Candidate], prefix: &str) -> Result<FoundNetwork, ImportError> {
    let candidate = candidates
        .iter()
        .find(|candidate| candidate.prefix == prefix);
    match candidate.map(|candidate| &candidate.network) {
        Some(Ok(network)) => Ok(network.clone()),
        Some(Err(reason)) => Err(ImportError::Unfit(format!("{}: {reason}", shown(prefix)))),
        None => Err(ImportError::Choose(format!(
            "no recurrent network is named {}: there {}",
            shown(prefix),
            match candidates.len() {
                0 => "is none".into(),
                _ => format!(
                    "are {}",
                    listed(candidates.iter().map(|c| c.prefix.as_str()))
                ),
            }
        ))),
    }
}

fn only(
    file: &WeightFile,
    candidates: &[Candidate],
    layer: Option<CellKind>,
) -> Result<FoundNetwork, ImportError> {
    let whole: Vec<&FoundNetwork> = candidates
        .iter()
        .filter_map(|candidate| candidate.network.as_ref().ok())
        .collect();
    let wanted: Vec<&FoundNetwork> = whole
        .iter()
        .filter(|network| layer.is_none_or(|layer| is(network.cell, layer)))
        .copied()
        .collect();
    match wanted.as_slice() {
        [one] => Ok((*one).clone()),
        [] if !whole.is_empty() => Err(ImportError::Unfit(format!(
            "no {} in the file, but {}",
            layer.map_or_else(String::new, |layer| layer.to_string()),
            described(&whole)
        ))),
        [] => {
            let broken = candidates.iter().find_map(|candidate| {
                let reason = candidate.network.as_ref().err()?;
                Some(format!("{}: {reason}", shown(&candidate.prefix)))
            });
            let arrays: Vec<&str> = file.shapes().map(|(name, _)| name).collect();
            Err(ImportError::Unfit(broken.unwrap_or_else(
                || match arrays.len() {
                    0 => "there are no arrays in the file".into(),
                    _ => format!(
                        "no recurrent layer is known by the names of its arrays, which are {}",
                        listed(arrays)
                    ),
                },
            )))
        }
        several => Err(ImportError::Choose(format!(
            "the file holds {} recurrent networks: {}. Choose one with `--prefix {}`{}",
            several.len(),
            described(several),
            several[0].prefix.escape_debug(),
            // PyTorch keeps the layers of a network under one name already.
            if several
                .iter()
                .all(|network| network.convention == Convention::Keras)
            {
                "; layers that stand on one another become one network with `--prefix FIRST,SECOND`"
            } else {
                ""
            }
        ))),
    }
}

fn described(networks: &[&FoundNetwork]) -> String {
    const SHOWN: usize = 8;
    let mut texts: Vec<String> = networks
        .iter()
        .take(SHOWN)
        .map(|network| format!("{} ({})", shown(&network.prefix), network.sizes()))
        .collect();
    if networks.len() > SHOWN {
        texts.push(format!("and {} more", networks.len() - SHOWN));
    }
    texts.join("; ")
}

/// Layers on top of one another as one network.
fn joined(networks: Vec<FoundNetwork>) -> Result<FoundNetwork, ImportError> {
    let mut rest = networks.into_iter();
    let Some(mut all) = rest.next() else {
        return Err(ImportError::Choose("no prefix was given".into()));
    };
    for next in rest {
        let alike = |network: &FoundNetwork| {
            (
                network.convention,
                network.cell,
                network.hidden,
                network.output,
                network.directions,
                network.has_bias(),
            )
        };
        if alike(&all) != alike(&next) {
            return Err(ImportError::Unfit(format!(
                "{} ({}) and {} ({}) cannot be layers of one network, which has one cell, one size and either directions or none, biases or none",
                shown(&all.prefix),
                all.sizes(),
                shown(&next.prefix),
                next.sizes()
            )));
        }
        if next.input != all.output * all.directions {
            return Err(ImportError::Unfit(format!(
                "{} reads {} features and {} below it gives {}",
                shown(&next.prefix),
                next.input,
                shown(&all.prefix),
                all.output * all.directions
            )));
        }
        all.prefix = format!("{},{}", all.prefix, next.prefix);
        all.layers += next.layers;
        all.parts.extend(next.parts);
    }
    Ok(all)
}
