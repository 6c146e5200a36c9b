//! One call, of either convolution: what is given is checked, and the products run.
use super::ConvolutionGradients;
use super::apply::Apply;
use super::geometry::{Geometry, Map, Towards};
use super::plan::Plan;
use super::weight_gradient::WeightGradient;
use crate::context::Context;
use crate::error::ShapeError;
use crate::lanes::{Kernel, Lanes, vectors};
use crate::linear::Activation;
use crate::memory::{Buffer, Shared, Shelf};
use crate::shares::shares;

static SLOPES: Shelf<Buffer> = Shelf::new(4);

pub(super) struct Call<'a> {
    pub(super) what: &'static str,
    pub(super) context: &'a Context,
    pub(super) geometry: Geometry,
    /// Which map is y.
    pub(super) towards: Towards,
    pub(super) activation: Activation,
}

/// What a forward call reads and writes.
pub struct Forward<'a> {
    /// x.
    pub input: &'a [f32],
    /// W.
    pub weights: &'a [f32],
    /// b, if there is one.
    pub bias: Option<&'a [f32]>,
    /// y.
    pub output: &'a mut [f32],
}

/// What a backward call reads and writes.
pub struct Backward<'a> {
    /// x.
    pub input: &'a [f32],
    /// W.
    pub weights: &'a [f32],
    /// y, as the forward call gave it.
    pub output: &'a [f32],
    /// The gradient of y.
    pub output_gradient: &'a [f32],
    /// Where the others go.
    pub gradients: ConvolutionGradients<'a>,
}

impl Call<'_> {
    fn input(&self) -> Map {
        self.geometry.maps(self.towards).0
    }

    fn output(&self) -> Map {
        self.geometry.maps(self.towards).1
    }

    fn check_map(
        &self,
        name: &str,
        map: Map,
        images: usize,
        length: usize,
    ) -> Result<(), ShapeError> {
        let dimensions = [
            ("batch", images),
            ("height", map.size[0]),
            ("width", map.size[1]),
            ("channels", map.channels),
        ];
        ShapeError::check(&format!("{}: {name}", self.what), &dimensions, length)
    }

    /// The number of images.
    fn images(&self, input: usize) -> Result<usize, ShapeError> {
        let map = self.input();
        let values = map.size[0].checked_mul(map.size[1]);
        match values.and_then(|pixels| pixels.checked_mul(map.channels)) {
            Some(values) if input.is_multiple_of(values) => Ok(input / values),
            values => Err(ShapeError::new(
                format!("{}: input", self.what),
                format!(
                    "images of {} values (height {} × width {} × channels {})",
                    values.map_or("more".to_owned(), |values| values.to_string()),
                    map.size[0],
                    map.size[1],
                    map.channels
                ),
                format!("{input} values"),
            )),
        }
    }

    fn check_weights(&self, name: &str, length: usize) -> Result<(), ShapeError> {
        let geometry = &self.geometry;
        let of_group = geometry.large.channels / geometry.groups;
        let (first, second) = match self.towards {
            Towards::Small => ("channels out", "channels in of a group"),
            Towards::Large => ("channels in", "channels out of a group"),
        };
        let dimensions = [
            (first, geometry.small.channels),
            (second, of_group),
            ("kernel height", geometry.kernel[0]),
            ("kernel width", geometry.kernel[1]),
        ];
        ShapeError::check(&format!("{}: {name}", self.what), &dimensions, length)
    }

    fn check_bias(&self, name: &str, length: Option<usize>) -> Result<(), ShapeError> {
        let dimensions = [("channels out", self.output().channels)];
        length.map_or(Ok(()), |length| {
            ShapeError::check(&format!("{}: {name}", self.what), &dimensions, length)
        })
    }

    fn context_for(&self, images: usize) -> Context {
        self.context
            .for_work(images.saturating_mul(self.geometry.work()))
    }

    pub(super) fn forward(&self, given: Forward<'_>) -> Result<(), ShapeError> {
        let images = self.images(given.input.len())?;
        self.check_weights("weights", given.weights.len())?;
        self.check_bias("bias", given.bias.map(<[f32]>::len))?;
        self.check_map("output", self.output(), images, given.output.len())?;
        if images == 0 {
            return Ok(());
        }
        let call = Apply {
            plan: &Plan::new(&self.geometry, self.towards),
            context: self.context_for(images),
            images,
            source: given.input,
            weights: given.weights,
            bias: given.bias,
            activation: self.activation,
            result: Shared::new(given.output),
        };
        // SAFETY: the context's instruction set is available and the buffers fit.
        unsafe { crate::lanes::run(self.context.instruction_set(), call) };
        Ok(())
    }

    pub(super) fn backward(&self, given: Backward<'_>) -> Result<(), ShapeError> {
        let images = self.images(given.input.len())?;
        let gradients = given.gradients;
        self.check_weights("weights", given.weights.len())?;
        self.check_map("output", self.output(), images, given.output.len())?;
        let upstream = given.output_gradient.len();
        self.check_map("output gradient", self.output(), images, upstream)?;
        if let Some(input) = &gradients.input {
            self.check_map("input gradient", self.input(), images, input.len())?;
        }
        if let Some(weights) = &gradients.weights {
            self.check_weights("weight gradient", weights.len())?;
        }
        let bias = gradients.bias.as_ref().map(|bias| bias.len());
        self.check_bias("bias gradient", bias)?;
        if images == 0 {
            // Sums without terms.
            for gradient in [gradients.weights, gradients.bias].into_iter().flatten() {
                gradient.fill(0.0);
            }
            return Ok(());
        }
        let call = Back {
            call: self,
            context: self.context_for(images),
            images,
            input: given.input,
            weights: given.weights,
            output: given.output,
            output_gradient: given.output_gradient,
            gradients,
        };
        // SAFETY: the context's instruction set is available and the buffers fit.
        unsafe { crate::lanes::run(self.context.instruction_set(), call) };
        Ok(())
    }
}

struct Back<'a> {
    call: &'a Call<'a>,
    context: Context,
    images: usize,
    input: &'a [f32],
    weights: &'a [f32],
    output: &'a [f32],
    output_gradient: &'a [f32],
    gradients: ConvolutionGradients<'a>,
}

impl Kernel for Back<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes>(self) {
        let Self { call, context, .. } = self;
        let mut buffer = SLOPES.take();
        let slopes = if call.activation == Activation::Identity {
            self.output_gradient
        } else {
            let slopes = buffer.reserve(self.output.len());
            let to = Shared::new(slopes);
            let threads = context.threads();
            shares(self.output.len(), threads).run(threads, |range| {
                // SAFETY: within `enter`; each task has values of its own.
                unsafe {
                    V::enter(Slopes {
                        activation: call.activation,
                        output: &self.output[range.clone()],
                        gradient: &self.output_gradient[range.clone()],
                        to: to.at(range.start),
                    });
                }
            });
            slopes
        };
        let back = match call.towards {
            Towards::Small => Towards::Large,
            Towards::Large => Towards::Small,
        };
        if let Some(input) = self.gradients.input {
            let product = Apply {
                plan: &Plan::new(&call.geometry, back),
                context,
                images: self.images,
                source: slopes,
                weights: self.weights,
                bias: None,
                activation: Activation::Identity,
                result: Shared::new(input),
            };
            // SAFETY: within `enter`, and the buffers fit.
            unsafe { product.run::<V>() };
        }
        let (large, small) = match call.towards {
            Towards::Small => (self.input, slopes),
            Towards::Large => (slopes, self.input),
        };
        let sums = WeightGradient {
            geometry: &call.geometry,
            context,
            images: self.images,
            large,
            small,
        };
        let bias = self.gradients.bias.map(|bias| (bias, slopes));
        // SAFETY: within `enter`.
        unsafe { sums.run::<V>(self.gradients.weights, bias) };
        SLOPES.put(buffer);
    }
}

/// dy ⊙ φ'(y).
struct Slopes<'a> {
    activation: Activation,
    output: &'a [f32],
    gradient: &'a [f32],
    to: *mut f32,
}

impl Kernel for Slopes<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes>(self) {
        for (first, there) in vectors::<V>(0..self.output.len()) {
            // SAFETY: the caller vouches for as many values as there are outputs.
            unsafe {
                let y = V::load_first(self.output.as_ptr().add(first), there);
                let dy = V::load_first(self.gradient.as_ptr().add(first), there);
                dy.mul(&self.activation.slope(y))
                    .store_first(self.to.add(first), there);
            }
        }
    }
}
