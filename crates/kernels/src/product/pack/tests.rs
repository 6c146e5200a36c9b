//! Packing puts every weight in its place, and unpacking takes it from there.
use super::*;
use crate::context::{Context, InstructionSet};
use crate::lanes;

/// Packs W and takes it apart again, on the instruction set it runs on.
struct ThereAndBack<'a> {
    weights: &'a [f32],
    units: usize,
    k: usize,
    order: &'a [usize],
}

impl Kernel for ThereAndBack<'_> {
    type Output = (Blocks, Vec<f32>, Vec<f32>);

    unsafe fn run<V: Lanes>(self) -> Self::Output {
        let blocks = Blocks {
            units: self.units,
            width: 2 * V::WIDTH,
        };
        let mut buffer = Buffer::default();
        let mut back = vec![f32::NAN; self.weights.len()];
        // SAFETY: within `enter`; the panels are those of `back`.
        let packed = unsafe {
            let (order, k) = (self.order, self.k);
            let context = Context::new(InstructionSet::Portable, 2).unwrap();
            let packed =
                all_by_unit::<V>(self.weights, blocks, order, k, context, &mut buffer).to_vec();
            let panel = packed.len() / blocks.count();
            let to = Shared::new(&mut back);
            for (block, panel) in packed.chunks_exact(panel).enumerate() {
                from_units::<V>(panel, blocks, block, order, k, to);
            }
            packed
        };
        (blocks, packed, back)
    }
}

#[test]
fn every_weight_goes_to_its_place_and_back_on_every_instruction_set() {
    let order = [2, 0, 1];
    for set in InstructionSet::available() {
        for (units, k) in [
            (1, 1),
            (7, 5),
            (16, 16),
            (37, 1),
            (37, 43),
            (64, 33),
            (3, 67),
        ] {
            let weights: Vec<f32> = (0..order.len() * units * k).map(|i| i as f32).collect();
            let call = ThereAndBack {
                weights: &weights,
                units,
                k,
                order: &order,
            };
            // SAFETY: the set is available.
            let (blocks, packed, back) = unsafe { lanes::run(set, call) };
            assert_eq!(back, weights, "{set:?}, {units} × {k}");
            let mut places = packed.iter();
            for block in 0..blocks.count() {
                for index in 0..k {
                    for column in order {
                        for unit in block * blocks.width..(block + 1) * blocks.width {
                            let expected = match unit < units {
                                true => weights[(column * units + unit) * k + index],
                                false => 0.0,
                            };
                            assert_eq!(places.next(), Some(&expected), "{set:?}, {units} × {k}");
                        }
                    }
                }
            }
            assert_eq!(places.next(), None);
        }
    }
}
