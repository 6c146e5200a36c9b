//! Which steps of the rows of a batch are real.
use crate::NnError;
use crate::embedding::lookup;
use burn::tensor::{Bool, Device, Tensor, TensorData};
use ressac_kernels::recurrent::Steps;
use std::sync::Arc;

/// Which steps of each row of a batch are real: the first so many, in any order of the rows; or those of a
/// mask. A host-side value: cheap to clone, never on a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lengths(Real);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Real {
    First(Arc<[usize]>),
    Mask { steps: Arc<[bool]>, time: usize },
}

impl Lengths {
    /// Lengths, one for each row.
    ///
    /// # Errors
    /// No rows, or a row of length zero: it has no last step, so no final state. Leave such rows out.
    pub fn new(lengths: impl Into<Vec<usize>>) -> Result<Self, NnError> {
        let lengths = lengths.into();
        if lengths.is_empty() {
            return Err(NnError::shape("lengths", "one for each row", "none"));
        }
        if let Some(row) = lengths.iter().position(|&length| length == 0) {
            return Err(NnError::shape(
                format!("lengths[{row}]"),
                "at least 1 (leave rows without steps out of the batch)",
                "0",
            ));
        }
        Ok(Self(Real::First(lengths.into())))
    }

    /// A step mask: for each row, which of its steps are real. A step that is not is passed over as if it were
    /// not in the sequence: the state goes on from real step to real step, and the output at it is zero (Keras
    /// repeats the output before it instead).
    ///
    /// # Errors
    /// No rows, rows of unequal length, or a row without a real step.
    pub fn from_mask(mask: &[Vec<bool>]) -> Result<Self, NnError> {
        let Some(first) = mask.first() else {
            return Err(NnError::shape("mask", "one row for each row", "none"));
        };
        for (row, steps) in mask.iter().enumerate() {
            if steps.len() != first.len() {
                return Err(NnError::shape(
                    format!("mask[{row}]"),
                    format!("{} steps, as the first row", first.len()),
                    steps.len().to_string(),
                ));
            }
            if !steps.contains(&true) {
                return Err(NnError::shape(
                    format!("mask[{row}]"),
                    "at least 1 real step (leave rows without steps out of the batch)",
                    "0",
                ));
            }
        }
        Ok(Self(Real::Mask {
            steps: mask.concat().into(),
            time: first.len(),
        }))
    }

    /// The lengths of rows that lie on the host, such as the words of sentences.
    ///
    /// # Errors
    /// As [`Lengths::new`].
    pub fn of<T>(rows: &[Vec<T>]) -> Result<Self, NnError> {
        Self::new(rows.iter().map(Vec::len).collect::<Vec<_>>())
    }

    /// 1 where a step is real and 0 where it is padding, for a batch of `time` steps: `[batch, time]`.
    ///
    /// # Errors
    /// A row that is longer than `time`, or a mask of another number of steps.
    pub fn mask(&self, time: usize, device: &Device) -> Result<Tensor<2>, NnError> {
        let rows = self.rows();
        self.check("lengths", rows, time)?;
        let real = self.each(time, |real| if real { 1.0f32 } else { 0.0 });
        Ok(Tensor::from_data(
            TensorData::new(real, [rows, time]),
            device,
        ))
    }

    /// How many steps each row has.
    pub fn counts(&self) -> Vec<usize> {
        match &self.0 {
            Real::First(lengths) => lengths.to_vec(),
            Real::Mask { steps, time } => steps
                .chunks(*time)
                .map(|row| row.iter().filter(|&&real| real).count())
                .collect(),
        }
    }

    /// The values at the real steps, one row of the batch after the other: `[batch, time, features]` to
    /// `[real steps, features]`.
    ///
    /// # Errors
    /// Another batch, or a time shorter than a row.
    pub fn real(&self, values: Tensor<3>) -> Result<Tensor<2>, NnError> {
        let [batch, time, features] = values.dims();
        self.check("real steps", batch, time)?;
        let rows = 0..batch;
        let real: Vec<u32> = rows
            .flat_map(|row| (0..time).map(move |step| (row, step)))
            .filter(|(row, step)| self.is_real(*row, *step))
            .map(|(row, step)| (row * time + step) as u32)
            .collect();
        lookup(values.reshape([batch * time, features]), &real)
    }

    /// Whether a step of a row is real.
    pub(crate) fn is_real(&self, row: usize, step: usize) -> bool {
        match &self.0 {
            Real::First(lengths) => step < lengths[row],
            Real::Mask { steps, time } => steps[row * time + step],
        }
    }

    /// True where a step is padding: `[batch, time, 1]`, of lengths that have been checked.
    pub(crate) fn padding(&self, time: usize, device: &Device) -> Tensor<3, Bool> {
        let padding = self.each(time, |real| !real);
        Tensor::from_data(TensorData::new(padding, [self.rows(), time, 1]), device)
    }

    /// The last real step of each row.
    pub(crate) fn last_steps(&self) -> Vec<usize> {
        match &self.0 {
            Real::First(lengths) => lengths.iter().map(|length| length - 1).collect(),
            Real::Mask { steps, time } => steps
                .chunks(*time)
                .map(|row| row.iter().rposition(|&real| real).unwrap_or(0))
                .collect(),
        }
    }

    /// Something for every step of every row, from whether it is real.
    fn each<T>(&self, time: usize, value: impl Fn(bool) -> T) -> Vec<T> {
        (0..self.rows())
            .flat_map(|row| (0..time).map(move |step| (row, step)))
            .map(|(row, step)| value(self.is_real(row, step)))
            .collect()
    }

    fn rows(&self) -> usize {
        match &self.0 {
            Real::First(lengths) => lengths.len(),
            Real::Mask { steps, time } => steps.len() / time,
        }
    }

    /// As the kernels take them.
    pub(crate) fn steps(&self) -> Steps<'_> {
        match &self.0 {
            Real::First(lengths) => Steps::Lengths(lengths),
            Real::Mask { steps, .. } => Steps::Mask(steps),
        }
    }

    /// Errors unless they fit a batch of a layer.
    pub(crate) fn check(&self, name: &str, batch: usize, time: usize) -> Result<(), NnError> {
        let rows = self.rows();
        if rows != batch {
            return Err(NnError::shape(
                format!("{name}: lengths"),
                format!("{batch}, one for each row"),
                rows.to_string(),
            ));
        }
        match &self.0 {
            Real::First(lengths) => {
                if let Some(row) = lengths.iter().position(|&length| length > time) {
                    return Err(NnError::shape(
                        format!("{name}: lengths[{row}]"),
                        format!("at most {time}, the steps of the input"),
                        lengths[row].to_string(),
                    ));
                }
            }
            Real::Mask { time: masked, .. } if *masked != time => {
                return Err(NnError::shape(
                    format!("{name}: mask"),
                    format!("{time} steps, as the input"),
                    masked.to_string(),
                ));
            }
            Real::Mask { .. } => {}
        }
        Ok(())
    }
}
