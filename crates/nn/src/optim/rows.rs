//! The optimiser's part for tables of which a step reads few rows.
use super::Check;
use crate::NnError;
use crate::flex::fitting;
use crate::weights::{HostTensor, NamedTensors, values};
use burn::module::{Param, ParamId};
use burn::tensor::{Tensor, TensorData};
use ressac_kernels::context::Context;
use ressac_kernels::optimizer;
use std::collections::BTreeMap;

/// The gradient of some rows of a table, which is zero in the others: what [`crate::embedding::Reading`] gives.
#[derive(Debug, Clone, PartialEq)]
pub struct RowGradient {
    pub(crate) parameter: ParamId,
    /// In ascending order.
    pub(crate) rows: Vec<u32>,
    pub(crate) width: usize,
    /// `[rows, width]`.
    pub(crate) values: Vec<f32>,
}

impl RowGradient {
    /// The table's parameter.
    pub const fn parameter(&self) -> ParamId {
        self.parameter
    }

    /// The rows, each once, in ascending order.
    pub fn rows(&self) -> &[u32] {
        &self.rows
    }

    /// Their gradient, `[rows, width]`.
    pub fn values(&self) -> &[f32] {
        &self.values
    }
}

/// What is kept of a table between steps.
#[derive(Debug, Clone)]
pub(super) struct Table {
    shape: [usize; 2],
    squares: Vec<f32>,
    /// The step in which each row was last read; 0: never.
    read: Vec<u64>,
}

/// By the names of the parameters.
pub(super) type Tables = BTreeMap<String, Table>;

/// How many gradients of rows a parameter has, none or one, if a step can be made with it.
pub(super) fn check<'a, const D: usize>(
    name: &str,
    param: &Param<Tensor<D>>,
    mut rows: impl Iterator<Item = &'a RowGradient>,
    is_whole: bool,
    so_far: &Check<'_>,
) -> Result<usize, NnError> {
    let Some(gradient) = rows.next() else {
        return match is_whole && so_far.tables.contains_key(name) {
            true => Err(of_another_kind(name, "rows", "a whole gradient")),
            false => Ok(0),
        };
    };
    if is_whole || rows.next().is_some() {
        return Err(NnError::Gradients(format!(
            "{name} has a gradient of rows and another one. Read a table once in a step, and use it for nothing else"
        )));
    }
    if so_far.moments.contains_key(name) {
        return Err(of_another_kind(name, "a whole gradient", "rows"));
    }
    let shape = param.val().dims();
    let [entries, width] = shape[..] else {
        return Err(NnError::shape(
            format!("gradient of rows of {name}"),
            "a table",
            format!("{shape:?}"),
        ));
    };
    let fits = gradient
        .rows
        .last()
        .is_none_or(|row| (*row as usize) < entries);
    if gradient.width != width || !fits {
        return Err(NnError::shape(
            format!("gradient of rows of {name}"),
            format!("rows of {shape:?}, the parameter"),
            format!("{} of width {}", gradient.rows.len(), gradient.width),
        ));
    }
    if let Some(table) = so_far.tables.get(name)
        && table.shape[..] != shape[..]
    {
        return Err(NnError::Weights(format!(
            "optimiser state of {name}: it has shape {:?}, the parameter {shape:?}",
            table.shape
        )));
    }
    Ok(1)
}

fn of_another_kind(name: &str, before: &str, now: &str) -> NnError {
    NnError::Weights(format!(
        "optimiser state of {name}: it was trained by {before} until now and has {now} in this step"
    ))
}

/// Moves the rows of a parameter that [`check`] has seen.
pub(super) fn step<const D: usize>(
    tables: &mut Tables,
    name: String,
    context: &Context,
    step: &optimizer::AdamW,
    gradient: &RowGradient,
    param: Param<Tensor<D>>,
) -> Param<Tensor<D>> {
    let (shape, width) = (param.val().dims(), gradient.width);
    let entries = shape[0];
    let table = tables.entry(name).or_insert_with(|| Table {
        shape: [entries, width],
        squares: vec![0.0; entries * width],
        read: vec![0; entries],
    });
    // The parameter is given away, so that its values are changed where they are.
    param.map(|tensor| {
        let (device, tracked) = (tensor.device(), tensor.is_require_grad());
        let mut parameters = values(tensor.inner());
        let mut table = optimizer::Table {
            width,
            values: &mut parameters,
            squares: &mut table.squares,
            read: &mut table.read,
        };
        fitting(step.step_rows(context, &mut table, &gradient.rows, &gradient.values));
        let data = TensorData::new(parameters, shape);
        Tensor::from_data(data, &device).set_require_grad(tracked)
    })
}

/// Adds the tables to an optimiser's state: the mean squares, and the steps as two 24-bit halves that `f32` holds
/// exactly.
pub(super) fn save(tables: &Tables, state: &mut NamedTensors) {
    for (name, table) in tables {
        let halves = |step: &u64| [(step >> 24) as f32, (step & 0xff_ffff) as f32];
        let read = HostTensor {
            shape: vec![table.shape[0], 2],
            values: table.read.iter().flat_map(halves).collect(),
        };
        let squares = HostTensor {
            shape: table.shape.to_vec(),
            values: table.squares.clone(),
        };
        state.insert(format!("read.{name}"), read);
        state.insert(format!("squares.{name}"), squares);
    }
}

/// The inverse of [`save`], in a state of so many steps.
pub(super) fn restored(state: &NamedTensors, steps: u64) -> Result<Tables, String> {
    let mut tables = Tables::new();
    for (name, squares) in state {
        let Some(name) = name.strip_prefix("squares.") else {
            continue;
        };
        let [entries, width] = squares.shape[..] else {
            return Err(format!("the mean squares of {name} are no table"));
        };
        let read = state
            .get(&format!("read.{name}"))
            .filter(|read| read.shape == [entries, 2] && read.is_whole() && squares.is_whole())
            .ok_or_else(|| format!("the steps of the rows of {name} are missing"))?;
        let step = |halves: &[f32]| ((halves[0] as u64) << 24) | halves[1] as u64;
        let read: Vec<u64> = read.values.chunks_exact(2).map(step).collect();
        if read.iter().any(|step| *step > steps) {
            return Err(format!("rows of {name} were read after the last step"));
        }
        tables.insert(
            name.to_owned(),
            Table {
                shape: [entries, width],
                squares: squares.values.clone(),
                read,
            },
        );
    }
    Ok(tables)
}
