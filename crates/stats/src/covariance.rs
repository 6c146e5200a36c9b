//! Means of columns, and sums of the products of columns and of rows: what covariances are made of.

/// Rows added to a matrix of sums at a time, so that a block of them stays in the cache.
const BLOCK: usize = 64;

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

/// XᵀX of rows X.
pub(crate) fn products_of_columns(rows: &[f64], width: usize) -> Vec<f64> {
    let mut sums = vec![0.0; width * width];
    for block in rows.chunks(BLOCK * width) {
        for i in 0..width {
            let line = &mut sums[i * width..=i * width + i];
            // Four rows at a time, so that a sum is loaded and stored once for all of them.
            let mut fours = block.chunks_exact(4 * width);
            for four in &mut fours {
                let (a, rest) = four.split_at(width);
                let (b, rest) = rest.split_at(width);
                let (c, d) = rest.split_at(width);
                let left = [a[i], b[i], c[i], d[i]];
                // Columns that are zero in most rows (of codes, say) cost nothing.
                if left == [0.0; 4] {
                    continue;
                }
                for ((((sum, a), b), c), d) in line.iter_mut().zip(a).zip(b).zip(c).zip(d) {
                    *sum += (left[0] * a + left[1] * b) + (left[2] * c + left[3] * d);
                }
            }
            for row in fours.remainder().chunks_exact(width) {
                let left = row[i];
                line.iter_mut()
                    .zip(row)
                    .for_each(|(sum, right)| *sum += left * right);
            }
        }
    }
    for i in 0..width {
        for j in 0..i {
            sums[j * width + i] = sums[i * width + j];
        }
    }
    sums
}

/// XXᵀ of rows X.
pub(crate) fn products_of_rows(rows: &[f64], width: usize) -> Vec<f64> {
    let count = rows.len() / width;
    let mut sums = vec![0.0; count * count];
    for (i, left) in rows.chunks_exact(width).enumerate() {
        for (j, right) in rows.chunks_exact(width).take(i + 1).enumerate() {
            let sum = left.iter().zip(right).map(|(a, b)| a * b).sum();
            sums[i * count + j] = sum;
            sums[j * count + i] = sum;
        }
    }
    sums
}
