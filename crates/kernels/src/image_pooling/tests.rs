//! The pools against PyTorch, `f64` and finite differences, and their promises about bits.
use super::reference::{TOLERANCE, global, reference};
use super::*;
use crate::check::{
    Results, THREADS, assert_same_bits, bits_of, central_differences, close_on_every_set, contexts,
    numbers, same_bits_everywhere, unwritten, wide,
};
use crate::context::WORTH_SHARING;
use crate::golden_file::{GoldenFile, folder};
use proptest::prelude::*;

const KINDS: [Kind; 3] = [
    Kind::Max,
    Kind::Average {
        count_padding: true,
    },
    Kind::Average {
        count_padding: false,
    },
];

fn images([batch, height, width, channels]: [usize; 4]) -> Images {
    Images {
        batch,
        height,
        width,
        channels,
    }
}

#[derive(Debug, Clone)]
struct Case {
    pool: ImagePooling,
    input: Vec<f32>,
    output_gradient: Vec<f32>,
}

impl Case {
    /// Of sizes, and kernel, stride and padding.
    fn new(kind: Kind, sizes: [usize; 4], [kernel, stride, padding]: [[usize; 2]; 3]) -> Self {
        let pool = ImagePooling {
            kind,
            images: images(sizes),
            window: Window {
                kernel,
                stride,
                padding,
            },
        };
        let [height, width] = pool.output().unwrap();
        Self {
            pool,
            input: numbers(1, sizes.iter().product(), 1.0),
            output_gradient: numbers(2, sizes[0] * height * width * sizes[3], 1.0),
        }
    }

    fn reference(&self) -> Results<f64> {
        reference(self.pool, &wide(&self.input), &wide(&self.output_gradient))
    }

    fn run(&self, context: &Context) -> Results<f32> {
        let (pool, input) = (&self.pool, &self.input);
        let mut output = unwritten(self.output_gradient.len());
        let mut places = vec![u32::MAX; output.len()];
        pool.forward(context, input, &mut output, Some(&mut places))
            .unwrap();
        let mut alone = unwritten(output.len());
        pool.forward(context, input, &mut alone, None).unwrap();
        assert!(bits_of(&alone) == bits_of(&output), "without places");
        let mut dx = unwritten(input.len());
        pool.backward(context, &places, &self.output_gradient, &mut dx)
            .unwrap();
        let places = || places.iter().map(|place| *place as f32).collect();
        let wanted = pool.kind == Kind::Max;
        Results::new([("output", output), ("d input", dx)]).with("places", wanted.then(places))
    }

    fn named(&self) -> String {
        format!("{:?}", self.pool)
    }
}

/// One pixel, one channel, primes, windows that overlap, touch, leave gaps, hang over the border.
const SHAPES: [([usize; 4], [[usize; 2]; 3]); 8] = [
    ([1, 1, 1, 1], [[1, 1], [1, 1], [0, 0]]),
    ([2, 8, 6, 32], [[2, 2], [2, 2], [0, 0]]),
    ([3, 7, 11, 17], [[3, 3], [2, 2], [1, 1]]),
    ([1, 13, 5, 1], [[3, 2], [1, 1], [1, 1]]),
    ([2, 11, 13, 3], [[2, 3], [3, 5], [1, 0]]),
    ([1, 5, 7, 67], [[5, 7], [1, 1], [2, 3]]),
    ([5, 3, 2, 8], [[4, 2], [1, 3], [2, 1]]),
    ([2, 9, 9, 5], [[9, 9], [1, 1], [0, 0]]),
];

#[test]
fn pools_and_their_gradients_are_the_reference_on_every_instruction_set() {
    for (sizes, window) in SHAPES {
        for kind in KINDS {
            let case = Case::new(kind, sizes, window);
            close_on_every_set(&case.named(), &case.reference(), TOLERANCE, |context| {
                case.run(context)
            });
        }
    }
}

#[test]
fn the_reference_gradients_are_their_central_differences() {
    for kind in KINDS {
        let case = Case::new(kind, [2, 4, 5, 2], [[3, 2], [2, 1], [1, 1]]);
        let (exact, dy) = (case.reference(), wide(&case.output_gradient));
        central_differences(
            &case.named(),
            &[("input", wide(&case.input), &exact["d input"])],
            |given| {
                let output = &reference(case.pool, &given[0], &dy)["output"];
                output.iter().zip(&dy).map(|(y, dy)| y * dy).sum()
            },
            1e-5,
            1e-8,
        );
    }
}

#[test]
fn bits_depend_neither_on_threads_nor_on_the_instruction_set() {
    for kind in KINDS {
        let case = Case::new(kind, [3, 61, 53, 17], [[3, 3], [2, 2], [1, 1]]);
        assert!(size_of_val(&case.input[..]) >= WORTH_SHARING);
        same_bits_everywhere(&case.named(), &THREADS, |context| case.run(context));
    }
}

#[test]
fn an_image_alone_has_the_bits_it_has_among_others() {
    for kind in KINDS {
        let all = Case::new(kind, [5, 7, 11, 19], [[3, 3], [2, 2], [1, 1]]);
        let (size, pooled) = (7 * 11 * 19, all.output_gradient.len() / 5);
        for context in contexts(2) {
            let found = all.run(&context);
            for image in 0..5 {
                let mut alone = all.clone();
                alone.pool.images.batch = 1;
                alone.input = all.input[image * size..][..size].to_vec();
                alone.output_gradient = all.output_gradient[image * pooled..][..pooled].to_vec();
                for (name, values) in alone.run(&context).0 {
                    let among = &found[&name][image * values.len()..][..values.len()];
                    assert!(bits_of(&values) == bits_of(among), "{kind:?}: {name}");
                }
            }
        }
    }
}

fn run_global(pool: GlobalAverage, x: &[f32], dy: &[f32], context: &Context) -> Results<f32> {
    let (mut output, mut dx) = (unwritten(dy.len()), unwritten(x.len()));
    pool.forward(context, x, &mut output).unwrap();
    pool.backward(context, dy, &mut dx).unwrap();
    Results::new([("output", output), ("d input", dx)])
}

#[test]
fn means_over_whole_images_are_the_reference_and_depend_on_nothing_else() {
    for sizes in [[1, 1, 1, 1], [3, 5, 7, 17], [2, 61, 1, 3], [5, 67, 59, 7]] {
        let pool = GlobalAverage(images(sizes));
        let x = numbers(1, sizes.iter().product(), 1.0);
        let dy = numbers(2, sizes[0] * sizes[3], 1.0);
        let exact = global(pool.0, &wide(&x), &wide(&dy));
        let what = format!("{pool:?}");
        close_on_every_set(&what, &exact, TOLERANCE, |context| {
            run_global(pool, &x, &dy, context)
        });
        same_bits_everywhere(&what, &THREADS, |context| {
            run_global(pool, &x, &dy, context)
        });
        let context = contexts(2)[0];
        let all = run_global(pool, &x, &dy, &context);
        let alone = GlobalAverage(Images { batch: 1, ..pool.0 });
        let (size, last) = (x.len() / sizes[0], (sizes[0] - 1) * sizes[3]);
        let one = run_global(alone, &x[x.len() - size..], &dy[last..], &context);
        assert_eq!(bits_of(&one["output"]), bits_of(&all["output"][last..]));
    }
    let pool = GlobalAverage(images([2, 3, 4, 2]));
    let (x, dy) = (wide(&numbers(1, 48, 1.0)), wide(&numbers(2, 4, 1.0)));
    central_differences(
        "global",
        &[("input", x.clone(), &global(pool.0, &x, &dy)["d input"])],
        |given| {
            let output = &global(pool.0, &given[0], &dy)["output"];
            output.iter().zip(&dy).map(|(y, dy)| y * dy).sum()
        },
        1e-5,
        1e-8,
    );
}

fn pair(file: &GoldenFile, key: &str) -> [usize; 2] {
    let (high, wide) = file.text(key).split_once(',').unwrap();
    [high, wide].map(|text| text.parse().unwrap())
}

/// Made by PyTorch 2.15.0 in f64 (`fixtures/image/make.py`), in short:
///
/// ```python
/// output, places = F.max_pool2d(image, kernel, stride, padding, return_indices=True)
/// output = F.avg_pool2d(image, kernel, stride, padding, count_include_pad=kind == "average")
/// output = F.adaptive_avg_pool2d(image, 1)
/// ```
#[test]
fn every_golden_pool_is_pytorchs() {
    let mut found = 0;
    for file in folder("image") {
        if file.text("operation") != "pool" {
            continue;
        }
        found += 1;
        let sizes = ["batch", "height", "width", "channels"].map(|key| file.number(key));
        let (input, output_gradient) = (file.singles("input"), file.singles("upstream.output"));
        let exact = Results::new([
            ("output", file.values("output").to_vec()),
            ("d input", file.values("gradient.input").to_vec()),
        ])
        .with("places", file.find("places").map(<[f64]>::to_vec));
        let kind = match file.text("kind") {
            "max" => Kind::Max,
            "average" => Kind::Average {
                count_padding: true,
            },
            "average_real" => Kind::Average {
                count_padding: false,
            },
            "global" => {
                let pool = GlobalAverage(images(sizes));
                close_on_every_set(&file.name, &exact, TOLERANCE, |context| {
                    run_global(pool, &input, &output_gradient, context)
                });
                continue;
            }
            other => panic!("{}: which pool is {other}?", file.name),
        };
        let window = ["kernel", "stride", "padding"].map(|key| pair(&file, key));
        let case = Case {
            input,
            output_gradient,
            ..Case::new(kind, sizes, window)
        };
        assert_eq!(case.pool.output().unwrap(), pair(&file, "to"));
        close_on_every_set(&file.name, &exact, TOLERANCE, |context| case.run(context));
    }
    assert_eq!(found, 9);
}

#[test]
fn of_equal_values_the_first_has_the_gradient_and_what_is_no_number_is_not_lost() {
    let mut case = Case::new(Kind::Max, [1, 2, 4, 1], [[2, 2], [2, 2], [0, 0]]);
    case.input = vec![1.0, 3.0, 5.0, f32::NAN, 3.0, 2.0, f32::NAN, 9.0];
    case.output_gradient = vec![2.0, 4.0];
    for context in contexts(1) {
        let found = case.run(&context);
        assert!(found["output"][0] == 3.0 && found["output"][1].is_nan());
        assert_eq!(found["places"], [1.0, 3.0]);
        assert_eq!(found["d input"], [0.0, 2.0, 0.0, 4.0, 0.0, 0.0, 0.0, 0.0]);
    }
}

#[test]
fn the_padding_never_wins_a_maximum_and_is_zero_in_a_mean() {
    let window = [[3, 3], [1, 1], [1, 1]];
    for (kind, expected) in KINDS.into_iter().zip([-2.0, -8.0 / 9.0, -2.0]) {
        let mut case = Case::new(kind, [1, 2, 2, 3], window);
        case.input.fill(-2.0);
        for context in contexts(1) {
            assert!(
                case.run(&context)["output"]
                    .iter()
                    .all(|y| *y == expected as f32)
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 120,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_shape_gives_the_reference_and_the_portable_bits(
        kind in 0usize..3,
        batch in 1usize..4,
        size in [1usize..12, 1usize..12],
        channels in 1usize..40,
        kernel in [1usize..5, 1usize..5],
        stride in [1usize..5, 1usize..5],
        padding in [0usize..3, 0usize..3],
    ) {
        let axis = |axis: usize| {
            let padding = padding[axis].min(kernel[axis] / 2);
            (kernel[axis].min(size[axis]), padding.min(kernel[axis].min(size[axis]) / 2))
        };
        let ((high, top), (wide, left)) = (axis(0), axis(1));
        let sizes = [batch, size[0], size[1], channels];
        let case = Case::new(KINDS[kind], sizes, [[high, wide], stride, [top, left]]);
        let portable = case.run(&contexts(1)[0]);
        close_on_every_set(&case.named(), &case.reference(), TOLERANCE, |context| {
            let found = case.run(context);
            assert_same_bits(&case.named(), &portable, &found);
            found
        });
    }
}

#[test]
fn what_does_not_fit_a_pool_is_refused_with_what_was_expected() {
    let good = Case::new(Kind::Max, [1, 4, 6, 2], [[2, 3], [2, 3], [1, 0]]);
    let of = |change: fn(&mut ImagePooling)| {
        let mut pool = good.pool;
        change(&mut pool);
        pool.output().unwrap_err().to_string()
    };
    let starts = |found: String, expected: &str| {
        assert_eq!(found, format!("image pooling: {expected}"));
    };
    starts(
        of(|pool| pool.images.height = 0),
        "size (height): expected at least 1, found 0",
    );
    starts(
        of(|pool| pool.window.kernel[1] = 0),
        "kernel (width): expected at least 1, found 0",
    );
    starts(
        of(|pool| pool.window.stride[0] = 0),
        "stride (height): expected at least 1, found 0",
    );
    starts(
        of(|pool| pool.window.padding[1] = 2),
        "padding (width): expected at most 1, half a kernel, found 2",
    );
    starts(
        of(|pool| pool.window.kernel = [7, 3]),
        "kernel (height): expected at most 6, the image with its padding, found 7",
    );
    starts(
        of(|pool| pool.images.width = 1 << 33),
        "pixels of an image: expected fewer than 2³², found 4 × 8589934592",
    );
    let context = contexts(1)[0];
    let pooled = good.output_gradient.len();
    let forward = |input: usize, output: usize, places: usize| {
        let (mut output, mut places) = (vec![0.0; output], vec![0; places]);
        let found = good
            .pool
            .forward(&context, &vec![0.0; input], &mut output, Some(&mut places));
        found.unwrap_err().to_string()
    };
    assert!(forward(47, pooled, pooled).contains("input: expected 48 values"));
    assert!(forward(48, 1, pooled).contains("output: expected 12 values"));
    assert!(forward(48, pooled, 1).contains("places: expected 12 values"));
    let backward = |places: usize, dy: usize, dx: usize| {
        let mut dx = vec![0.0; dx];
        let (places, dy) = (vec![0; places], vec![0.0; dy]);
        let found = good.pool.backward(&context, &places, &dy, &mut dx);
        found.unwrap_err().to_string()
    };
    assert!(backward(0, pooled, 48).contains("places: expected 12 values"));
    assert!(backward(pooled, 1, 48).contains("output gradient: expected 12 values"));
    assert!(backward(pooled, pooled, 1).contains("input gradient: expected 48 values"));
    let global = GlobalAverage(images([1, 0, 2, 1]));
    let error = global.forward(&context, &[], &mut [0.0]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "global average: height: expected at least 1, found 0"
    );
    let global = GlobalAverage(images([1, 2, 2, 1]));
    let error = global
        .forward(&context, &[0.0; 4], &mut [0.0; 2])
        .unwrap_err();
    assert!(error.to_string().contains("output: expected 1 values"));
}
