//! The choices an option of a GAN takes, as they are written in files and on the command line.

use crate::options::from_text;
use crate::words::words;

words! {
    /// What generator and discriminator are made of.
    GanKind: "model" {
        /// Transposed convolutions with batch normalisation against strided ones (Radford, Metz and Chintala 2016).
        Dcgan = "dcgan",
        /// Residual blocks without normalisation, maps enlarged before they are convolved.
        Residual = "residual",
    }
}

words! {
    /// What the two networks are trained by.
    GanLoss: "loss" {
        /// A made image against a real one (Jolicoeur-Martineau 2019), as in R3GAN (Huang et al. 2024).
        Relativistic = "relativistic",
        /// Hinge (Lim and Ye 2017).
        Hinge = "hinge",
        /// Logistic, the generator's not saturating (Goodfellow et al. 2014).
        NonSaturating = "non-saturating",
        /// Squares (Mao et al. 2017).
        LeastSquares = "least-squares",
        /// Difference of means (Arjovsky, Chintala and Bottou 2017); the penalty keeps the discriminator smooth.
        Wasserstein = "wasserstein",
    }
}

from_text!(GanKind, "a model in quotes");
from_text!(GanLoss, "a loss in quotes");
