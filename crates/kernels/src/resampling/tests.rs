//! Resampling against PyTorch, `f64` and finite differences, and its promises about bits.
use super::reference::{TOLERANCE, reference};
use super::*;
use crate::check::{
    Results, THREADS, assert_same_bits, bits_of, central_differences, close_on_every_set, contexts,
    numbers, same_bits_everywhere, unwritten, wide,
};
use crate::context::WORTH_SHARING;
use crate::golden_file::folder;
use proptest::prelude::*;

const KINDS: [Kind; 2] = [Kind::Nearest, Kind::Bilinear];

#[derive(Debug, Clone)]
struct Case {
    change: Resampling,
    input: Vec<f32>,
    output_gradient: Vec<f32>,
}

impl Case {
    fn new(kind: Kind, [batch, height, width, channels]: [usize; 4], to: [usize; 2]) -> Self {
        let images = Images {
            batch,
            height,
            width,
            channels,
        };
        Self {
            change: Resampling { kind, images, to },
            input: numbers(1, batch * height * width * channels, 1.0),
            output_gradient: numbers(2, batch * to[0] * to[1] * channels, 1.0),
        }
    }

    fn reference(&self) -> Results<f64> {
        let dy = wide(&self.output_gradient);
        reference(self.change, &wide(&self.input), &dy)
    }

    fn run(&self, context: &Context) -> Results<f32> {
        let (change, input) = (&self.change, &self.input);
        let mut output = unwritten(self.output_gradient.len());
        change.forward(context, input, &mut output).unwrap();
        let mut dx = unwritten(input.len());
        change
            .backward(context, &self.output_gradient, &mut dx)
            .unwrap();
        Results::new([("output", output), ("d input", dx)])
    }

    fn named(&self) -> String {
        format!("{:?}", self.change)
    }
}

/// One pixel, one channel, primes; up and down, by whole and by broken factors, the same size.
const SHAPES: [([usize; 4], [usize; 2]); 9] = [
    ([1, 1, 1, 1], [1, 1]),
    ([1, 1, 1, 5], [7, 3]),
    ([2, 7, 5, 1], [14, 10]),
    ([3, 7, 11, 17], [13, 19]),
    ([2, 13, 19, 3], [7, 11]),
    ([1, 8, 12, 64], [4, 6]),
    ([2, 31, 3, 5], [2, 29]),
    ([1, 5, 7, 67], [5, 7]),
    ([2, 3, 5, 16], [1, 1]),
];

#[test]
fn images_and_their_gradients_are_the_reference_on_every_instruction_set() {
    for (sizes, to) in SHAPES {
        for kind in KINDS {
            let case = Case::new(kind, sizes, to);
            close_on_every_set(&case.named(), &case.reference(), TOLERANCE, |context| {
                case.run(context)
            });
        }
    }
}

#[test]
fn the_reference_gradients_are_their_central_differences() {
    for kind in KINDS {
        for to in [[7, 5], [2, 3]] {
            let case = Case::new(kind, [2, 3, 4, 2], to);
            let (exact, dy) = (case.reference(), wide(&case.output_gradient));
            central_differences(
                &case.named(),
                &[("input", wide(&case.input), &exact["d input"])],
                |given| {
                    let output = &reference(case.change, &given[0], &dy)["output"];
                    output.iter().zip(&dy).map(|(y, dy)| y * dy).sum()
                },
                1e-5,
                1e-8,
            );
        }
    }
}

#[test]
fn bits_depend_neither_on_threads_nor_on_the_instruction_set() {
    for kind in KINDS {
        for to in [[83, 61], [29, 37]] {
            let case = Case::new(kind, [3, 53, 47, 19], to);
            assert!(size_of_val(&case.input[..]) >= WORTH_SHARING);
            same_bits_everywhere(&case.named(), &THREADS, |context| case.run(context));
        }
    }
}

#[test]
fn an_image_alone_has_the_bits_it_has_among_others() {
    for kind in KINDS {
        let all = Case::new(kind, [5, 7, 11, 19], [13, 5]);
        for context in contexts(2) {
            let found = all.run(&context);
            for image in 0..5 {
                let of = |values: &[f32]| {
                    let size = values.len() / 5;
                    values[image * size..][..size].to_vec()
                };
                let mut alone = all.clone();
                alone.change.images.batch = 1;
                alone.input = of(&all.input);
                alone.output_gradient = of(&all.output_gradient);
                for (name, values) in alone.run(&context).0 {
                    let among = bits_of(&of(&found[&name]));
                    assert!(bits_of(&values) == among, "{kind:?}: {name}");
                }
            }
        }
    }
}

#[test]
fn an_image_of_one_colour_stays_so_and_the_same_size_is_the_same_image() {
    for kind in KINDS {
        for (sizes, to) in SHAPES {
            let mut case = Case::new(kind, sizes, to);
            let context = contexts(1)[0];
            if [sizes[1], sizes[2]] == to {
                let found = case.run(&context);
                assert_eq!(found["output"], case.input);
                assert_eq!(found["d input"], case.output_gradient);
            }
            case.input.fill(0.1);
            assert!(case.run(&context)["output"].iter().all(|y| *y == 0.1));
        }
    }
}

/// Made by PyTorch 2.15.0 in f64 (`fixtures/image/make.py`), in short:
///
/// ```python
/// output = F.interpolate(image, size=to, mode="nearest")
/// output = F.interpolate(image, size=to, mode="bilinear", align_corners=False)
/// ```
#[test]
fn every_golden_image_is_pytorchs() {
    let mut found = 0;
    for file in folder("image") {
        if file.text("operation") != "resample" {
            continue;
        }
        found += 1;
        let sizes = ["batch", "height", "width", "channels"].map(|key| file.number(key));
        let (high, wide) = file.text("to").split_once(',').unwrap();
        let kind = match file.text("kind") {
            "nearest" => Kind::Nearest,
            "bilinear" => Kind::Bilinear,
            other => panic!("{}: what is {other}?", file.name),
        };
        let case = Case {
            input: file.singles("input"),
            output_gradient: file.singles("upstream.output"),
            ..Case::new(kind, sizes, [high, wide].map(|text| text.parse().unwrap()))
        };
        let exact = Results::new([
            ("output", file.values("output").to_vec()),
            ("d input", file.values("gradient.input").to_vec()),
        ]);
        close_on_every_set(&file.name, &exact, TOLERANCE, |context| case.run(context));
    }
    assert_eq!(found, 12);
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 120,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_shape_gives_the_reference_and_the_portable_bits(
        bilinear: bool,
        batch in 1usize..4,
        size in [1usize..20, 1usize..20],
        channels in 1usize..40,
        to in [1usize..20, 1usize..20],
    ) {
        let kind = KINDS[usize::from(bilinear)];
        let case = Case::new(kind, [batch, size[0], size[1], channels], to);
        let portable = case.run(&contexts(1)[0]);
        close_on_every_set(&case.named(), &case.reference(), TOLERANCE, |context| {
            let found = case.run(context);
            assert_same_bits(&case.named(), &portable, &found);
            found
        });
    }
}

#[test]
fn what_does_not_fit_is_refused_with_what_was_expected() {
    let context = contexts(1)[0];
    let refused = |size: [usize; 2], to: [usize; 2], lengths: [usize; 2]| {
        let change = Case::new(Kind::Nearest, [1, size[0], size[1], 2], to).change;
        let (input, mut output) = (vec![0.0; lengths[0]], vec![0.0; lengths[1]]);
        let forward = change.forward(&context, &input, &mut output);
        let mut input = input;
        let backward = change.backward(&context, &output, &mut input);
        let forward = forward.unwrap_err().to_string();
        let backward = backward.unwrap_err().to_string();
        assert_eq!(
            backward,
            forward
                .replace("input", "input gradient")
                .replace("output", "output gradient")
        );
        forward
    };
    assert_eq!(
        refused([2, 3], [4, 5], [11, 40]),
        "resampling: input: expected 12 values (batch 1 × height 2 × width 3 × channels 2), found 11"
    );
    assert_eq!(
        refused([2, 3], [4, 5], [12, 39]),
        "resampling: output: expected 40 values (batch 1 × height 4 × width 5 × channels 2), found 39"
    );
    assert_eq!(
        refused([0, 3], [4, 5], [0, 40]),
        "resampling: height of the input: expected at least 1, found 0"
    );
    assert_eq!(
        refused([2, 3], [4, 0], [12, 0]),
        "resampling: width of the output: expected at least 1, found 0"
    );
}
