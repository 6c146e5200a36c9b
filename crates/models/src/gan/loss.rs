//! What the two networks are trained by, from a number of the discriminator for each image, and the penalty on its slope.

use burn::tensor::{Tensor, activation};

use ressac_nn::random::Stream;

use super::choices::GanLoss;
use super::images::normals;

/// Deviation of the random step of the finite difference; images lie between -1 and 1.
const STEP: f64 = 0.02;

/// ln(1 + eˣ).
fn softplus(values: Tensor<1>) -> Tensor<1> {
    activation::softplus(values, 1.0)
}

fn squares(values: Tensor<1>) -> Tensor<1> {
    values.clone() * values
}

impl GanLoss {
    /// The loss of the discriminator, from what it says of real images and of made ones.
    pub(super) fn of_discriminator(self, real: Tensor<1>, made: Tensor<1>) -> Tensor<1> {
        match self {
            GanLoss::Relativistic => softplus(made - real).mean(),
            GanLoss::Hinge => {
                let below = |values: Tensor<1>| activation::relu(values + 1.0).mean();
                below(-real) + below(made)
            }
            GanLoss::NonSaturating => softplus(-real).mean() + softplus(made).mean(),
            GanLoss::LeastSquares => (squares(real - 1.0).mean() + squares(made).mean()) * 0.5,
            GanLoss::Wasserstein => made.mean() - real.mean(),
        }
    }

    /// The loss of the generator, from what the discriminator says of its images, and of real ones where
    /// [`GanLoss::compares`] says so.
    pub(super) fn of_generator(self, real: Option<Tensor<1>>, made: Tensor<1>) -> Tensor<1> {
        match (self, real) {
            (GanLoss::Relativistic, Some(real)) => softplus(real - made).mean(),
            (GanLoss::Relativistic | GanLoss::NonSaturating, _) => softplus(-made).mean(),
            (GanLoss::Hinge | GanLoss::Wasserstein, _) => -made.mean(),
            (GanLoss::LeastSquares, _) => squares(made - 1.0).mean() * 0.5,
        }
    }

    /// Whether the generator's loss compares its images with real ones.
    pub(super) fn compares(self) -> bool {
        self == GanLoss::Relativistic
    }
}

/// Images a small random step away, each in a direction of its own.
pub(super) fn beside(images: Tensor<4>, draw: &Stream) -> Tensor<4> {
    let shape = images.dims();
    let [batch, channels, height, width] = shape;
    let noise = normals(batch, channels * height * width, draw, &images.device());
    // Both as they lie in memory: channels last.
    let noise = noise.reshape([batch, height, width, channels]);
    (images.permute([0, 2, 3, 1]) + noise * STEP).permute([0, 3, 1, 2])
}

/// Half the mean squared norm of the gradient of the discriminator with respect to its images (Mescheder, Geiger and Nowozin 2018),
/// from what it says of images and of the same [`beside`]: the square of the slope along a direction of the standard normal
/// distribution has that as its mean, and no second derivative is needed (Lin et al. 2025).
pub(super) fn slope(at: Tensor<1>, beside: Tensor<1>) -> Tensor<1> {
    squares((beside - at) / STEP).mean() * 0.5
}
