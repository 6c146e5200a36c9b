//! What PyTorch computed.
use super::*;
use crate::golden_file::folder;

/// Made by PyTorch 2.15.0 in f64 (`fixtures/convolution/make.py`), in short:
///
/// ```python
/// output = torch.nn.functional.conv2d(x, weight, bias, stride, padding, dilation, groups)
/// output.backward(upstream)
/// ```
///
/// and the same of `conv_transpose2d`, with x, output and their gradients brought to channels last.
#[test]
fn every_golden_convolution_is_pytorchs() {
    let mut kinds = std::collections::BTreeMap::new();
    for file in folder("convolution") {
        let pair = |name: &str| {
            let both = file
                .text(name)
                .split(',')
                .map(|value| value.parse().unwrap());
            <[usize; 2]>::try_from(both.collect::<Vec<usize>>()).unwrap()
        };
        let transposed = file.text("kind") == "transposed";
        let layer = layer((
            ["in", "out", "groups"].map(|of| file.number(of)),
            ["kernel", "stride", "padding", "dilation"].map(pair),
            transposed.then(|| pair("output_padding")),
        ));
        let size = pair("size");
        let case = Case {
            layer,
            size,
            images: file.number("batch"),
            input: file.singles("input"),
            weights: file.singles("weight"),
            bias: file.find("bias").map(|_| file.singles("bias")),
            output_gradient: file.singles("upstream.output"),
        };
        assert_eq!(
            layer.output_size(size),
            Ok(pair("output_size")),
            "{}",
            file.name
        );
        let exact = Results::new([
            ("output", file.values("output").to_vec()),
            ("d input", file.values("gradient.input").to_vec()),
            ("d weights", file.values("gradient.weight").to_vec()),
        ])
        .with("d bias", file.find("gradient.bias").map(<[f64]>::to_vec));
        close_on_every_set(&file.name, &exact, TOLERANCE, |context| case.run(context));
        *kinds.entry((transposed, case.bias.is_some())).or_insert(0) += 1;
    }
    let expected = [
        ((false, false), 1),
        ((false, true), 6),
        ((true, false), 1),
        ((true, true), 5),
    ];
    assert_eq!(kinds.into_iter().collect::<Vec<_>>(), expected);
}
