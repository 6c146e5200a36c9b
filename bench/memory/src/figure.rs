//! The loss of several trainings over their updates, and the loss of remembering nothing.

use ressac_chart::Plot;
use serde::Deserialize;

/// What is drawn.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Figure {
    title: String,
    loss: String,
    memoryless_loss: f64,
    curves: Vec<Curve>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Curve {
    name: String,
    /// Updates made and the mean loss of the last of them.
    points: Vec<(f64, f64)>,
}

/// The drawing of a JSON object, as an SVG file.
pub(crate) fn draw(text: &str) -> Result<String, String> {
    let figure: Figure =
        serde_json::from_str(text).map_err(|error| format!("the curves: {error}"))?;
    let last = figure
        .curves
        .iter()
        .flat_map(|curve| &curve.points)
        .fold(1.0, |last: f64, (update, _)| last.max(*update));
    let mut plot = Plot::new(figure.title)
        .x_label("updates")
        .y_label(figure.loss)
        .y_log();
    for curve in &figure.curves {
        plot = plot.line(&curve.name, &curve.points);
    }
    let level = figure.memoryless_loss;
    let plot = plot.line("remembering nothing", &[(0.0, level), (last, level)]);
    Ok(plot.render())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curves_and_the_memoryless_loss_are_in_the_drawing() {
        let text = r#"{"title": "Adding", "loss": "mse", "memoryless_loss": 0.5,
                       "curves": [{"name": "gru", "points": [[10, 0.4], [20, 0.01]]}]}"#;
        let svg = draw(text).unwrap();
        for part in [
            "<svg",
            "Adding",
            "gru",
            "remembering nothing",
            "updates",
            "mse",
        ] {
            assert!(svg.contains(part), "{part}");
        }
        assert!(draw("{}").unwrap_err().contains("missing field `title`"));
    }
}
