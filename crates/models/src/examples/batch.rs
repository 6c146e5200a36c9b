//! Sequences beside one another, the shorter ones padded.

use burn::tensor::{Device, Tensor, TensorData};

use ressac_nn::{Lengths, NnError};

/// Sequences `[steps · width]` as `[batch, longest, width]`, zeros behind the shorter ones, and the steps of each.
///
/// # Errors
/// No sequence, or one without a step.
pub(crate) fn padded(
    rows: &[&[f32]],
    width: usize,
    device: &Device,
) -> Result<(Tensor<3>, Lengths), NnError> {
    let lengths: Vec<usize> = rows.iter().map(|row| row.len() / width).collect();
    let time = lengths.iter().copied().max().unwrap_or(0);
    let mut padded = vec![0.0_f32; rows.len() * time * width];
    for (into, row) in padded.chunks_mut((time * width).max(1)).zip(rows) {
        into[..row.len()].copy_from_slice(row);
    }
    let data = TensorData::new(padded, [rows.len(), time, width]);
    Ok((Tensor::from_data(data, device), Lengths::new(lengths)?))
}

/// Places of all examples of these lengths in batches of at most `most`, those of about one length together: little is padding.
pub(crate) fn by_length(lengths: &[usize], most: usize) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..lengths.len()).collect();
    order.sort_by_key(|item| lengths[*item]);
    order.chunks(most.max(1)).map(<[usize]>::to_vec).collect()
}
