//! The report of a generator: images it makes, ways from one to another, what they are nearest to, and how training went.

use ressac_chart::{Page, Plot};
use ressac_nn::random::Stream;
use ressac_train::MetricsLine;

use super::evaluation::Evaluation;
use super::generator::ImageGenerator;
use super::images::Images;
use crate::ModelError;
use crate::latent::{between, drawn};
use crate::measure::significant;
use crate::pictures::Pictures;

/// Images side by side, rows of them, and rows of ways from one to another.
const ACROSS: usize = 10;
const ROWS: usize = 4;
const WAYS: usize = 4;
/// Made images shown beside what they are nearest to.
const PAIRS: usize = 6;
/// Sheets shown of those made in training.
const SHEETS: usize = 6;
/// How many times a side of an image is enlarged.
const SCALE: usize = 2;

/// The page up to what every family's ends with.
///
/// # Errors
/// When the generator refuses vectors that were drawn.
pub(super) fn page(
    model: &ImageGenerator,
    evaluation: &Evaluation,
    told: &[String],
    mut page: Page,
) -> Result<Page, ModelError> {
    for sentence in told.iter().chain(&evaluation.left_out) {
        page = page.paragraph(sentence);
    }
    page = ways(model, made(model, page)?)?;
    page = nearest(model, evaluation, page);
    Ok(course(model, page))
}

/// One row with a picture of several images.
fn sheet(images: &Images, model: &ImageGenerator, across: usize) -> Result<Vec<u8>, ModelError> {
    Pictures::of(images.pixels(), model.config().sides())
        .across(across)
        .sheet()
}

/// Images made from vectors that are drawn: a row for each class where the generator is told some.
fn made(model: &ImageGenerator, page: Page) -> Result<Page, ModelError> {
    let classes = model.pipeline().told(model.config());
    let rows = classes.clamp(1, ACROSS).max(ROWS);
    let count = rows * ACROSS;
    let latent = drawn(
        count,
        model.config().latent,
        None,
        &Stream::new(0, "report"),
    );
    let places: Vec<usize> = (0..count).map(|at| at / ACROSS % classes.max(1)).collect();
    let images = model.make(&latent, &places)?;
    let page = page
        .heading("What it makes")
        .paragraph("Made from vectors drawn from the standard normal distribution. None of it was photographed or learnt from.");
    if classes == 0 {
        let all = sheet(&images, model, ACROSS)?;
        return Ok(page.pictures(&[""], &[("", vec![all])], SCALE));
    }
    let width = images.width() * ACROSS;
    let lines = images
        .pixels()
        .chunks_exact(width)
        .zip(places.iter().step_by(ACROSS));
    let lines = lines.map(|(pixels, class)| {
        let row = Images::of_pixels(pixels.to_vec(), model.config().sides());
        let name = model.pipeline().classes[*class].clone();
        Ok((name, vec![sheet(&row, model, ACROSS)?]))
    });
    let lines: Vec<(String, Vec<Vec<u8>>)> = lines.collect::<Result<_, ModelError>>()?;
    Ok(page.pictures(&[""], &lines, SCALE))
}

/// Images on the way from one vector to another.
fn ways(model: &ImageGenerator, page: Page) -> Result<Page, ModelError> {
    let width = model.config().latent;
    let ends = drawn(WAYS + 1, width, None, &Stream::new(0, "report ways"));
    let vectors = between(&ends, width, WAYS * ACROSS, ACROSS);
    let classes = model.pipeline().told(model.config()).max(1);
    let places: Vec<usize> = (0..WAYS * ACROSS).map(|at| at / ACROSS % classes).collect();
    let images = sheet(&model.make(&vectors, &places)?, model, ACROSS)?;
    Ok(page
        .heading("From one to another")
        .paragraph("Each row goes from one vector to the next along the arc between them. Sudden changes would show images learnt by heart.")
        .pictures(&[""], &[("", vec![images])], SCALE))
}

/// Made images beside the ones learnt from that they are nearest to, the nearest first.
fn nearest(model: &ImageGenerator, evaluation: &Evaluation, page: Page) -> Page {
    let Some(copies) = &evaluation.copies else {
        return page;
    };
    let mut order: Vec<usize> = (0..copies.nearest.len()).collect();
    order.sort_by(|a, b| copies.nearest[*a].1.total_cmp(&copies.nearest[*b].1));
    let middle = order.len() / 2;
    let shown = order.iter().take(PAIRS);
    let shown = shown.chain(order[middle..].iter().take(PAIRS));
    let png = |images: &Images, place: usize| {
        Pictures::of(images.image(place), model.config().sides()).png(0)
    };
    let lines: Vec<(String, Vec<Vec<u8>>)> = shown
        .map(|at| {
            let (place, distance) = copies.nearest[*at];
            (
                format!("distance {}", significant(distance)),
                vec![png(&evaluation.made, *at), png(&copies.train, place)],
            )
        })
        .collect();
    page.heading("What made images are nearest to")
        .paragraph(&format!(
            "Made images beside the image learnt from that is nearest, pixel by pixel: the {PAIRS} nearest pairs, then {PAIRS} in the middle. Distances are root mean squared differences of pixels from 0 to 1."
        ))
        .pictures(&["made", "nearest learnt from"], &lines, SCALE)
}

/// How training went: sheets of the same vectors, both losses, quality.
fn course(model: &ImageGenerator, mut page: Page) -> Page {
    let history = model.history();
    let sheets = model.sheets();
    if !sheets.is_empty() {
        let last = sheets.len() - 1;
        let count = SHEETS.min(sheets.len());
        let mut places: Vec<usize> = (0..count)
            .map(|at| at * last / (count - 1).max(1))
            .collect();
        places.dedup();
        let lines: Vec<(String, Vec<Vec<u8>>)> = places
            .into_iter()
            .map(|at| (format!("step {}", sheets[at].0), vec![sheets[at].1.clone()]))
            .collect();
        page = page
            .heading("The same vectors as training went on")
            .pictures(&[""], &lines, SCALE);
    }
    if history.len() < 2 {
        return page;
    }
    let points = |get: &dyn Fn(&MetricsLine) -> Option<f64>| -> Vec<(f64, f64)> {
        let points = history.iter();
        points
            .filter_map(|line| Some((line.step as f64, get(line)?)))
            .collect()
    };
    let losses = Plot::new("Losses by step")
        .x_label("steps")
        .y_label("loss")
        .line(
            "discriminator",
            &points(&|line| line.train.get("discriminator_loss").copied()),
        )
        .line(
            "generator",
            &points(&|line| line.train.get("generator_loss").copied()),
        );
    let quality = Plot::new("Quality by step")
        .x_label("steps")
        .y_label("kid")
        .line("kid", &points(&|line| line.valid_loss));
    let differ = Plot::new("Diversity by step")
        .x_label("steps")
        .y_label("share of that of real images")
        .line(
            "diversity",
            &points(&|line| line.valid.get("diversity").copied()),
        );
    page.heading("How training went")
        .plot(&losses, "Neither loss says how good the images are: each is only against the other network.")
        .plot(&quality, "The distance from real images of the validation part, on the encoder's features: the lower the better; the weights of the lowest are kept.")
        .plot(&differ, "How much made images differ, of what real ones differ by. A collapse would show here.")
}
