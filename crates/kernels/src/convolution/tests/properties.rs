//! Any convolution of small sizes is the reference.
use super::*;
use proptest::prelude::*;

fn pair(range: std::ops::RangeInclusive<usize>) -> impl Strategy<Value = [usize; 2]> {
    [range.clone(), range]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn any_convolution_is_the_reference(
        (groups, of_group) in (1usize..=3, pair(1..=19)),
        taps in [pair(1..=4), pair(1..=3), pair(0..=4), pair(1..=3)],
        added in proptest::option::of(pair(0..=2)),
        (images, size) in (1usize..=3, pair(1..=9)),
        (activation, biased) in (0usize..5, any::<bool>()),
    ) {
        let channels = [of_group[0] * groups, of_group[1] * groups, groups];
        let layer = layer((channels, taps, added));
        prop_assume!(layer.output_size(size).is_ok());
        let case = Case::new(layer, images, size, biased).activated(ACTIVATIONS[activation]);
        // A value beside the kink of a ReLU may fall to either side of it.
        let before = case.clone().activated(Activation::Identity).reference();
        prop_assume!(before["output"].iter().all(|y| *y == 0.0 || y.abs() > 1e-6));
        close_on_every_set(&case.name(), &case.reference(), TOLERANCE, |context| case.run(context));
        same_bits_everywhere(&case.name(), &[1, 3], |context| case.run(context));
    }
}
