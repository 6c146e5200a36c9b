//! Orders of the items in an epoch, each a function of the epoch's stream alone.
//!
//! A learner returns one of these from [`crate::Learner::epoch`], or batches of its own making. Each gives
//! ⌈items / batch⌉ batches, so that the steps of an epoch are known before it is drawn.

use ressac_nn::random::Stream;

/// Every item once, shuffled and cut; the last batch takes what is left.
pub fn shuffled(items: usize, batch: usize, draw: &Stream) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..items).collect();
    draw.generator().shuffle(&mut order);
    cut(&order, batch)
}

/// Every item once, in batches of about the same length, so that little is padding: shuffled, then sorted by
/// length within pools of [`POOL`] batches, then cut, and the batches shuffled. `lengths` has one number for each item.
pub fn by_length(lengths: &[usize], batch: usize, draw: &Stream) -> Vec<Vec<usize>> {
    let batch = batch.max(1);
    let mut order: Vec<usize> = (0..lengths.len()).collect();
    draw.generator().shuffle(&mut order);
    for pool in order.chunks_mut(batch.saturating_mul(POOL)) {
        // Stable, so that items of one length stay shuffled.
        pool.sort_by_key(|item| lengths[*item]);
    }
    let mut batches = cut(&order, batch);
    draw.child("batches").generator().shuffle(&mut batches);
    batches
}

/// Batches that are sorted by length together in [`by_length`].
pub const POOL: usize = 50;

/// Every item once, those of about one length together, the shortest first: little is padding, and nothing is drawn.
pub fn sorted(lengths: &[usize], batch: usize) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..lengths.len()).collect();
    order.sort_by_key(|item| lengths[*item]);
    cut(&order, batch)
}

/// Every item once, as they come: for a state carried from batch to batch.
pub fn in_order(items: usize, batch: usize) -> Vec<Vec<usize>> {
    cut(&(0..items).collect::<Vec<_>>(), batch)
}

fn cut(order: &[usize], batch: usize) -> Vec<Vec<usize>> {
    order.chunks(batch.max(1)).map(<[usize]>::to_vec).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_order_gives_every_item_once_in_the_expected_number_of_batches(
            lengths in proptest::collection::vec(0_usize..40, 1..400), batch in 1_usize..37, epoch in 0_u64..9,
        ) {
            let draw = Stream::new(3, "order").at(epoch);
            let items = lengths.len();
            for batches in [shuffled(items, batch, &draw), by_length(&lengths, batch, &draw), sorted(&lengths, batch), in_order(items, batch)] {
                prop_assert_eq!(batches.len(), items.div_ceil(batch));
                prop_assert!(batches.iter().all(|of| !of.is_empty() && of.len() <= batch));
                let mut all: Vec<usize> = batches.concat();
                all.sort_unstable();
                prop_assert_eq!(all, (0..items).collect::<Vec<_>>());
            }
        }
    }

    #[test]
    fn batches_by_length_hold_hardly_any_padding_and_another_epoch_has_others() {
        let lengths: Vec<usize> = (0..1000).map(|item| 1 + item * 7919 % 97).collect();
        let draw = |epoch| Stream::new(0, "order").at(epoch);
        let batches = by_length(&lengths, 20, &draw(0));
        let padded: usize = batches
            .iter()
            .map(|batch| batch.len() * batch.iter().map(|item| lengths[*item]).max().unwrap())
            .sum();
        let real: usize = lengths.iter().sum();
        assert!((padded as f64) < 1.05 * real as f64, "{padded} {real}");
        assert_ne!(batches, by_length(&lengths, 20, &draw(1)));
    }
}
