//! Puts the arrays of a network together, and holds their shapes against one another.
use super::error::shown;
use super::names::{Layers, Natural, Role, Roles, Shapes};
use super::network::{CellKind, Convention, FoundNetwork, Part};

/// What the shapes of one layer in one direction say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Sizes {
    cell: CellKind,
    input: usize,
    hidden: usize,
    output: usize,
    projected: bool,
}

/// A network from its arrays.
///
/// # Errors
/// A sentence for what is missing or does not fit.
pub(super) fn assemble(
    prefix: &str,
    convention: Convention,
    layers: &Layers<'_>,
    shapes: &Shapes<'_>,
    known_directions: Option<usize>,
) -> Result<FoundNetwork, String> {
    if convention != Convention::Keras {
        let mut numbers: Vec<usize> = layers.keys().map(|(layer, _)| layer.number).collect();
        numbers.dedup();
        let last = numbers.last().copied().unwrap_or(0);
        let mut places = numbers.iter().enumerate();
        let gap = places
            .find(|&(place, &number)| place != number)
            .map(|(place, _)| place);
        if let Some(gap) = gap {
            return Err(format!("layer {gap} is missing below layer {last}"));
        }
    }
    let parts: Vec<(Part, Sizes)> = layers
        .values()
        .map(|roles| {
            let sizes = sizes(convention, roles, shapes)?;
            Ok((part(convention, roles, sizes)?, sizes))
        })
        .collect::<Result<_, String>>()?;
    let (_, first) = *parts.first().ok_or("it has no arrays")?;
    let directions = match convention {
        Convention::Ressac => known_directions.unwrap_or_else(|| directions_by_shape(&parts)),
        _ => directions(layers)?,
    };
    if directions == 0 || !parts.len().is_multiple_of(directions) {
        return Err(format!(
            "{} sets of weights do not make whole layers of {directions} directions",
            parts.len()
        ));
    }
    for (place, (part, sizes)) in parts.iter().enumerate() {
        let layer = place / directions;
        let below = if layer == 0 {
            first.input
        } else {
            first.output * directions
        };
        if sizes.input != below {
            return Err(format!(
                "layer {layer} reads {} features where {below} come from below",
                sizes.input
            ));
        }
        let same = Sizes {
            input: first.input,
            ..*sizes
        } == first;
        if !same || part.biases.len() != parts[0].0.biases.len() {
            return Err(format!(
                "layer {layer} is not like the first: {} of hidden {} and {} biases beside {} of hidden {} and {} biases",
                sizes.cell,
                sizes.hidden,
                part.biases.len(),
                first.cell,
                first.hidden,
                parts[0].0.biases.len()
            ));
        }
    }
    if convention == Convention::Keras && directions == 2 && parts.len() > 2 {
        return Err(
            "stacked cells in a Bidirectional layer: each direction runs its own stack there, while here both directions of a layer feed the next".into(),
        );
    }
    Ok(FoundNetwork {
        prefix: prefix.to_owned(),
        convention,
        cell: first.cell,
        input: first.input,
        hidden: first.hidden,
        output: first.output,
        layers: parts.len() / directions,
        directions,
        parts: parts.into_iter().map(|(part, _)| part).collect(),
    })
}

/// 1 or 2, the same for every layer.
fn directions(layers: &Layers<'_>) -> Result<usize, String> {
    let has = |layer: &Natural, direction: usize| layers.contains_key(&(layer.clone(), direction));
    let both = layers.keys().any(|(_, direction)| *direction == 1);
    for (layer, _) in layers.keys() {
        if !has(layer, 0) || has(layer, 1) != both {
            return Err("one direction of a layer is missing".into());
        }
    }
    Ok(1 + usize::from(both))
}

/// The directions of Ressac's own arrays, which stand one behind the other whatever they are: layers
/// above the first read the output of all directions. One where both would fit.
fn directions_by_shape(parts: &[(Part, Sizes)]) -> usize {
    let Some((_, first)) = parts.first() else {
        return 1;
    };
    let fits = |directions: usize| {
        parts.iter().enumerate().all(|(place, (_, sizes))| {
            let above = place >= directions;
            sizes.input
                == if above {
                    first.output * directions
                } else {
                    first.input
                }
        })
    };
    if !fits(1) && fits(2) { 2 } else { 1 }
}

/// The name of an array in the file, or which one is missing beside the others.
fn named<'a>(convention: Convention, roles: &Roles<'a>, role: Role) -> Result<&'a str, String> {
    if let Some(name) = roles.get(&role) {
        return Ok(name);
    }
    let word = match (convention, role) {
        (Convention::Torch, Role::Input) => "weight_ih",
        (Convention::Torch, Role::Recurrent) => "weight_hh",
        (Convention::Torch, Role::Bias) => "bias_ih",
        (Convention::Torch, Role::RecurrentBias) => "bias_hh",
        (Convention::Keras, Role::Input) => "kernel",
        (Convention::Keras, Role::Recurrent) => "recurrent_kernel",
        (_, Role::Input) => "input_weights",
        (_, Role::Recurrent) => "recurrent_weights",
        (_, Role::Bias | Role::RecurrentBias) => "bias",
        (_, Role::Projection) => "projection_weights",
        (_, Role::Units) => "unit_weights",
        (_, Role::Gain) => "gain",
    };
    let beside = roles.values().next().copied().unwrap_or_default();
    let missing = match convention {
        // The same layer and direction as those that are there.
        Convention::Torch => ["weight_ih", "weight_hh", "weight_hr", "bias_ih", "bias_hh"]
            .into_iter()
            .find_map(|other| Some(beside.rsplit_once(other)?.1))
            .map(|suffix| format!("{word}{suffix}")),
        _ => None,
    };
    Err(format!(
        "{} is missing beside {}",
        shown(&missing.unwrap_or_else(|| word.to_owned())),
        shown(beside)
    ))
}

fn part(convention: Convention, roles: &Roles<'_>, sizes: Sizes) -> Result<Part, String> {
    let has = |role: Role| roles.contains_key(&role);
    for (role, what) in [
        (Role::Units, "peepholes"),
        (Role::Gain, "layer normalisation"),
    ] {
        if has(role) {
            return Err(format!("its layers have {what}, which no peer's have"));
        }
    }
    let mut biases = Vec::new();
    if has(Role::Bias) || has(Role::RecurrentBias) || convention == Convention::Ressac {
        biases.push(named(convention, roles, Role::Bias)?.to_owned());
        if convention == Convention::Torch {
            biases.push(named(convention, roles, Role::RecurrentBias)?.to_owned());
        }
    }
    Ok(Part {
        input: sizes.input,
        input_weights: named(convention, roles, Role::Input)?.to_owned(),
        recurrent_weights: named(convention, roles, Role::Recurrent)?.to_owned(),
        biases,
        projection: roles.get(&Role::Projection).map(|&name| name.to_owned()),
    })
}

/// Reads cell and sizes off the shapes.
fn sizes(convention: Convention, roles: &Roles<'_>, shapes: &Shapes<'_>) -> Result<Sizes, String> {
    let matrix = |role: Role| {
        let name = named(convention, roles, role)?;
        match shapes[name] {
            &[rows, columns] if rows > 0 && columns > 0 => Ok((rows, columns)),
            shape => Err(format!(
                "{} has shape {shape:?}, not that of a matrix",
                shown(name)
            )),
        }
    };
    let (input_weights, recurrent_weights) = (matrix(Role::Input)?, matrix(Role::Recurrent)?);
    let projection = match roles.contains_key(&Role::Projection) {
        true => Some(matrix(Role::Projection)?),
        false => None,
    };
    // Ours and PyTorch's have a row for each column of a unit, Keras a column.
    let ((columns, input), (state_columns, output)) = match convention {
        Convention::Keras => (
            (input_weights.1, input_weights.0),
            (recurrent_weights.1, recurrent_weights.0),
        ),
        _ => (input_weights, recurrent_weights),
    };
    let hidden = match projection {
        Some((rows, hidden)) if rows == output => hidden,
        Some((rows, _)) => {
            return Err(format!(
                "the projection gives {rows} features and the recurrent weights read {output}"
            ));
        }
        None => output,
    };
    if columns != state_columns {
        return Err(format!(
            "the input weights have {columns} columns of units and the recurrent weights {state_columns}"
        ));
    }
    let gates = columns / hidden;
    let shape_of = |role: Role| roles.get(&role).map(|&name| (name, shapes[name]));
    let cell = match gates {
        _ if !columns.is_multiple_of(hidden) => {
            return Err(format!(
                "{columns} columns are not a multiple of hidden {hidden}"
            ));
        }
        1 => CellKind::Rnn,
        4 => CellKind::Lstm,
        3 => gru(convention, columns, hidden, shape_of(Role::Bias)),
        gates => {
            return Err(format!(
                "{gates} gates of {hidden} units: rnn has 1, gru 3, lstm 4"
            ));
        }
    };
    if projection.is_some() && cell != CellKind::Lstm {
        return Err(format!("a projection behind {cell}; only lstm has one"));
    }
    for role in [Role::Bias, Role::RecurrentBias] {
        let Some((name, shape)) = shape_of(role) else {
            continue;
        };
        let expected = match (convention, cell) {
            (Convention::Keras, CellKind::Gru) => vec![2, columns],
            (Convention::Ressac, CellKind::Gru) => vec![4 * hidden],
            _ => vec![columns],
        };
        if shape != expected {
            return Err(format!(
                "{} has shape {shape:?} where {cell} of hidden {hidden} wants {expected:?}",
                shown(name)
            ));
        }
    }
    Ok(Sizes {
        cell,
        input,
        hidden,
        output,
        projected: projection.is_some(),
    })
}

/// Which GRU it is, which the shape of the bias tells, where there is one.
fn gru(
    convention: Convention,
    columns: usize,
    hidden: usize,
    bias: Option<(&str, &[usize])>,
) -> CellKind {
    match (convention, bias) {
        (Convention::Keras, Some((_, shape))) if shape == [columns] => CellKind::GruBefore,
        (Convention::Ressac, Some((_, shape))) if shape == [3 * hidden] => CellKind::GruBefore,
        _ => CellKind::Gru,
    }
}
