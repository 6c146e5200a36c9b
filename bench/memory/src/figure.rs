//! The loss of several trainings over their updates, and the loss of remembering nothing.

use ressac_chart::Plot;
use serde::Deserialize;

/// A mean loss above this many times that of remembering nothing is left out as a gap: a network that blows up for a
/// few updates would take the whole height of the drawing.
const GAP_ABOVE: f64 = 10.0;

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
    let level = figure.memoryless_loss;
    // First, so that the networks that learn nothing are drawn over it.
    let mut plot = Plot::new(figure.title)
        .x_label("updates")
        .y_label(figure.loss)
        .y_log()
        .line("remembering nothing", &[(0.0, level), (last, level)]);
    for curve in &figure.curves {
        let points: Vec<(f64, f64)> = curve
            .points
            .iter()
            .map(|&(update, loss)| (update, shown(loss, level)))
            .collect();
        plot = plot.line(&curve.name, &points);
    }
    Ok(plot.render())
}

/// The loss, or a gap.
fn shown(loss: f64, memoryless_loss: f64) -> f64 {
    match loss > GAP_ABOVE * memoryless_loss {
        true => f64::NAN,
        false => loss,
    }
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
        assert!(shown(5.1, 0.5).is_nan() && shown(4.9, 0.5) == 4.9);
        assert!(draw("{}").unwrap_err().contains("missing field `title`"));
    }
}
