//! Means of columns, and rows without them.

/// The mean of each column.
pub(crate) fn means(rows: &[f64], width: usize) -> Vec<f64> {
    let mut mean = vec![0.0; width];
    for row in rows.chunks_exact(width) {
        mean.iter_mut()
            .zip(row)
            .for_each(|(sum, value)| *sum += value);
    }
    let count = (rows.len() / width) as f64;
    mean.iter_mut().for_each(|sum| *sum /= count);
    mean
}

/// The rows less the mean of each column.
pub(crate) fn centred(rows: &[f64], mean: &[f64]) -> Vec<f64> {
    rows.chunks_exact(mean.len())
        .flat_map(|row| row.iter().zip(mean).map(|(value, mean)| value - mean))
        .collect()
}
