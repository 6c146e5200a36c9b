//! Finds recurrent networks among the names and shapes of a file's arrays.
//!
//! | written by | names of a network `P` |
//! |---|---|
//! | PyTorch | `P.weight_ih_l{layer}`, `weight_hh_…`, `bias_ih_…`, `bias_hh_…`, `weight_hr_…` (projection), each also with `_reverse`; `P.weight_ih` and so on of a cell |
//! | Keras 3, weights | `P/cell/vars/0`, `1`, `2`: kernel, recurrent kernel, bias; in `P/forward_layer` and `P/backward_layer`; `P/cell/cells/{cell}/vars` for stacked cells |
//! | Keras, by path | `P/{…_cell}/kernel`, `recurrent_kernel`, `bias`, also with `:0`; in `forward_…` and `backward_…` |
//! | Ressac | `P.layers.{layer · directions + direction}.input_weights`, `recurrent_weights`, `bias`, `projection_weights` |
use super::network::{Convention, FoundNetwork};
use super::parts::assemble;
use std::collections::BTreeMap;

/// Shapes of arrays by name.
pub(super) type Shapes<'a> = BTreeMap<&'a str, &'a [usize]>;

/// What an array is to its layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Role {
    Input,
    Recurrent,
    /// The only bias, or PyTorch's of the input.
    Bias,
    /// PyTorch's second bias.
    RecurrentBias,
    Projection,
    /// Ressac's weights of each unit (peepholes), which no peer has.
    Units,
    /// Ressac's gain of a normalisation, which no peer has.
    Gain,
}

/// A name with a number behind it, so that `lstm_10` comes after `lstm_9`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Natural {
    text: String,
    pub(super) number: usize,
}

impl Natural {
    fn numbered(number: usize) -> Self {
        Self {
            text: String::new(),
            number,
        }
    }

    fn of(name: &str) -> Self {
        let digits = name.rsplit_once('_');
        match digits.and_then(|(text, number)| Some((text, number.parse().ok()?))) {
            Some((text, number)) => Self {
                text: text.to_owned(),
                number,
            },
            None => Self {
                text: name.to_owned(),
                number: 0,
            },
        }
    }
}

/// The arrays of one layer in one direction.
pub(super) type Roles<'a> = BTreeMap<Role, &'a str>;

/// The layers of one network, each in direction 0 and perhaps 1.
pub(super) type Layers<'a> = BTreeMap<(Natural, usize), Roles<'a>>;

/// A network, or why what looks like one is none.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    pub(super) prefix: String,
    pub(super) network: Result<FoundNetwork, String>,
}

/// Where a name belongs.
struct Place {
    convention: Convention,
    prefix: String,
    layer: Natural,
    direction: usize,
    role: Role,
}

/// Every recurrent network, in the order of their names. `directions`, where the file tells them, decides
/// how arrays under Ressac's names are read.
pub(super) fn networks(shapes: &Shapes<'_>, directions: Option<usize>) -> Vec<Candidate> {
    let mut groups: BTreeMap<(Natural, Convention, String), Layers<'_>> = BTreeMap::new();
    for &name in shapes.keys() {
        let place = torch(name)
            .or_else(|| ressac(name))
            .or_else(|| keras_path(name))
            .or_else(|| keras_variables(name, shapes));
        if let Some(place) = place {
            let key = (Natural::of(&place.prefix), place.convention, place.prefix);
            groups
                .entry(key)
                .or_default()
                .entry((place.layer, place.direction))
                .or_default()
                .insert(place.role, name);
        }
    }
    groups
        .into_iter()
        .map(|((_, convention, prefix), layers)| Candidate {
            network: assemble(&prefix, convention, &layers, shapes, directions),
            prefix,
        })
        .collect()
}

/// The part of a dotted name before its last word.
fn dotted(name: &str) -> (&str, &str) {
    name.rsplit_once('.').unwrap_or(("", name))
}

fn torch(name: &str) -> Option<Place> {
    let (prefix, last) = dotted(name);
    let (role, rest) = [
        ("weight_ih", Role::Input),
        ("weight_hh", Role::Recurrent),
        ("weight_hr", Role::Projection),
        ("bias_ih", Role::Bias),
        ("bias_hh", Role::RecurrentBias),
    ]
    .into_iter()
    .find_map(|(word, role)| Some((role, last.strip_prefix(word)?)))?;
    let (layer, direction) = if rest.is_empty() {
        (0, 0)
    } else {
        let rest = rest.strip_prefix("_l")?;
        match rest.strip_suffix("_reverse") {
            Some(number) => (number.parse().ok()?, 1),
            None => (rest.parse().ok()?, 0),
        }
    };
    Some(Place {
        convention: Convention::Torch,
        prefix: prefix.to_owned(),
        layer: Natural::numbered(layer),
        direction,
        role,
    })
}

fn ressac(name: &str) -> Option<Place> {
    let (rest, last) = dotted(name);
    let role = match last {
        "input_weights" => Role::Input,
        "recurrent_weights" => Role::Recurrent,
        "bias" => Role::Bias,
        "projection_weights" => Role::Projection,
        "unit_weights" => Role::Units,
        "gain" => Role::Gain,
        _ => return None,
    };
    let (rest, number) = dotted(rest);
    let (prefix, layers) = dotted(rest);
    let layer = (layers == "layers").then(|| number.parse().ok())??;
    Some(Place {
        convention: Convention::Ressac,
        prefix: prefix.to_owned(),
        layer: Natural::numbered(layer),
        // Which direction a place is depends on how many there are.
        direction: 0,
        role,
    })
}

/// `layers/lstm/cell/vars/1`, where the arrays beside it are those of a recurrent cell.
fn keras_variables(name: &str, shapes: &Shapes<'_>) -> Option<Place> {
    let (variables, number) = name.rsplit_once('/')?;
    let cell = variables.strip_suffix("/vars")?;
    let role = match number {
        "0" => Role::Input,
        "1" => Role::Recurrent,
        "2" => Role::Bias,
        _ => return None,
    };
    let shape = |number: usize| {
        shapes
            .get(format!("{variables}/{number}").as_str())
            .copied()
    };
    // Other layers have arrays 0, 1 and 2 too.
    let (&[_, columns], &[hidden, same]) = (shape(0)?, shape(1)?) else {
        return None;
    };
    let gates = [1, 3, 4]
        .into_iter()
        .find(|gates| hidden.checked_mul(*gates) == Some(columns));
    if same != columns || gates.is_none() || shape(3).is_some() {
        return None;
    }
    let (layer, network) = match cell.rsplit_once("/cells/") {
        Some((stack, one)) => (
            Natural::of(one),
            stack.strip_suffix("/cell").unwrap_or(stack),
        ),
        None => (
            Natural::numbered(0),
            cell.strip_suffix("/cell").unwrap_or(cell),
        ),
    };
    let (prefix, direction) = match network.rsplit_once('/') {
        Some((prefix, "forward_layer")) => (prefix, 0),
        Some((prefix, "backward_layer")) => (prefix, 1),
        _ => (network, 0),
    };
    Some(Place {
        convention: Convention::Keras,
        prefix: prefix.to_owned(),
        layer,
        direction,
        role,
    })
}

/// `sequential/bidirectional/forward_lstm/lstm_cell/kernel`, beside which a recurrent kernel must stand.
fn keras_path(name: &str) -> Option<Place> {
    let (cell, last) = name.rsplit_once('/')?;
    let role = match last.strip_suffix(":0").unwrap_or(last) {
        "kernel" => Role::Input,
        "recurrent_kernel" => Role::Recurrent,
        "bias" => Role::Bias,
        _ => return None,
    };
    // Dense and convolution layers have kernels too; the layer of a cell is named after it.
    let (network, cell) = cell.rsplit_once('/')?;
    if !cell.contains("cell") {
        return None;
    }
    let (prefix, direction) = match network.rsplit_once('/') {
        Some((prefix, last)) if last.starts_with("forward_") => (prefix, 0),
        Some((prefix, last)) if last.starts_with("backward_") => (prefix, 1),
        _ => (network, 0),
    };
    Some(Place {
        convention: Convention::Keras,
        prefix: prefix.to_owned(),
        layer: Natural::of(cell),
        direction,
        role,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(arrays: &[(&str, &[usize])]) -> Vec<String> {
        let shapes = arrays.iter().copied().collect();
        let describe = |candidate: Candidate| match candidate.network {
            Ok(network) => format!("{}: {}", candidate.prefix, network.sizes()),
            Err(reason) => format!("{}: {reason}", candidate.prefix),
        };
        networks(&shapes, None).into_iter().map(describe).collect()
    }

    #[test]
    fn networks_are_told_apart_by_what_stands_before_their_names() {
        assert_eq!(
            found(&[
                ("a.weight_ih_l0", &[12, 3]),
                ("a.weight_hh_l0", &[12, 4]),
                ("a.b.weight_ih_l0", &[8, 3]),
                ("a.b.weight_hh_l0", &[8, 2]),
                ("dense.weight", &[1, 8]),
                ("weight_ih", &[5, 2]),
                ("weight_hh", &[5, 5]),
            ]),
            [
                ": rnn, input 2, hidden 5, 1 layer, 1 direction",
                "a: gru, input 3, hidden 4, 1 layer, 1 direction",
                "a.b: lstm, input 3, hidden 2, 1 layer, 1 direction",
            ]
        );
    }

    #[test]
    fn what_is_missing_or_does_not_fit_is_said() {
        let one = |arrays: &[(&str, &[usize])]| found(arrays).join("\n");
        assert!(one(&[("weight_ih_l0", &[12, 3])]).contains("`weight_hh_l0` is missing"));
        let gap = one(&[
            ("weight_ih_l0", &[12, 3]),
            ("weight_hh_l0", &[12, 4]),
            ("weight_ih_l2", &[12, 4]),
            ("weight_hh_l2", &[12, 4]),
        ]);
        assert!(gap.contains("layer 1 is missing"), "{gap}");
        let gates = one(&[("weight_ih_l0", &[10, 3]), ("weight_hh_l0", &[10, 5])]);
        assert!(gates.contains("2 gates"), "{gates}");
        let chain = one(&[
            ("weight_ih_l0", &[12, 3]),
            ("weight_hh_l0", &[12, 4]),
            ("weight_ih_l1", &[12, 5]),
            ("weight_hh_l1", &[12, 4]),
        ]);
        assert!(chain.contains("layer 1 reads 5"), "{chain}");
        let bias = one(&[
            ("weight_ih_l0", &[12, 3]),
            ("weight_hh_l0", &[12, 4]),
            ("bias_ih_l0", &[12]),
        ]);
        assert!(bias.contains("`bias_hh_l0` is missing"), "{bias}");
    }

    #[test]
    fn other_layers_of_keras_with_numbered_arrays_are_no_networks() {
        assert!(
            found(&[
                ("layers/dense/vars/0", &[3, 4]),
                ("layers/dense/vars/1", &[4]),
                ("layers/dense_1/vars/0", &[3, 8]),
                ("layers/dense_1/vars/1", &[3, 2]),
                ("layers/dense_1/vars/2", &[2, 8]),
                ("dense/kernel", &[3, 4]),
                ("dense/bias", &[4]),
            ])
            .is_empty()
        );
    }

    #[test]
    fn keras_names_are_ordered_by_their_numbers() {
        let names: Vec<String> = [10, 9, 1]
            .map(|n| format!("layers/lstm_{n}/cell/vars"))
            .into();
        let mut shapes = Shapes::new();
        let leaked: Vec<[String; 2]> = names
            .iter()
            .map(|name| [format!("{name}/0"), format!("{name}/1")])
            .collect();
        for [kernel, recurrent] in &leaked {
            shapes.insert(kernel, &[3, 16]);
            shapes.insert(recurrent, &[4, 16]);
        }
        let order: Vec<String> = networks(&shapes, None)
            .into_iter()
            .map(|candidate| candidate.prefix)
            .collect();
        assert_eq!(order, ["layers/lstm_1", "layers/lstm_9", "layers/lstm_10"]);
    }

    #[test]
    fn peepholes_and_normalisation_are_not_taken_for_the_plain_layer() {
        for (extra, word) in [
            ("unit_weights", "peepholes"),
            ("gain", "layer normalisation"),
        ] {
            let extra = format!("layers.0.{extra}");
            let text = found(&[
                ("layers.0.input_weights", &[16, 3]),
                ("layers.0.recurrent_weights", &[16, 4]),
                ("layers.0.bias", &[16]),
                (&extra, &[16]),
            ]);
            assert!(text[0].contains(word), "{text:?}");
        }
    }

    #[test]
    fn ressacs_own_names_give_the_directions_where_shapes_can() {
        let network = |second: [usize; 2], third: Option<[usize; 2]>| {
            let mut arrays: Vec<(String, Vec<usize>)> = Vec::new();
            for (place, input) in [Some([16, 3]), Some(second), third]
                .into_iter()
                .flatten()
                .enumerate()
            {
                arrays.push((format!("enc.layers.{place}.input_weights"), input.to_vec()));
                arrays.push((format!("enc.layers.{place}.recurrent_weights"), vec![16, 4]));
                arrays.push((format!("enc.layers.{place}.bias"), vec![16]));
            }
            let shapes: Vec<(&str, &[usize])> = arrays
                .iter()
                .map(|(name, shape)| (name.as_str(), shape.as_slice()))
                .collect();
            found(&shapes).join("\n")
        };
        assert_eq!(
            network([16, 4], None),
            "enc: lstm, input 3, hidden 4, 2 layers, 1 direction"
        );
        assert_eq!(
            network([16, 3], None),
            "enc: lstm, input 3, hidden 4, 1 layer, 2 directions"
        );
        assert_eq!(
            network([16, 4], Some([16, 4])),
            "enc: lstm, input 3, hidden 4, 3 layers, 1 direction"
        );
    }
}
