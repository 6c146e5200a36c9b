//! Every drawing of this crate on one page, to be looked at after a change:
//! `cargo run -p ressac-chart --example gallery > gallery.html`, then open it wide, narrow,
//! light and dark.

use ressac_chart::{Page, Plot};

fn main() {
    let page = Page::new("Gallery of the plots")
        .paragraph("Each plot below shows one case that has been, or could be, drawn badly.")
        .notice("No better than seasonal-naive: the skill is 0.01, its interval from −0.04 to 0.05.")
        .heading("A forecast")
        .plot(&forecast(), "Seven days of context, two of forecast; hourly, with a gap of six hours.")
        .table(
            &["measure", "lstm", "seasonal-naive", "repeat-last"],
            &[
                vec!["MSE", "0.412", "0.623", "1.294"],
                vec!["MAE", "0.428", "0.501", "0.713"],
                vec!["MAPE", "3.1 %", "", "12.9 %"],
            ],
        )
        .heading("Learning curves")
        .plot(&learning(), "")
        .heading("Large numbers and months")
        .plot(&passengers(), "Numbers above ten thousand are shortened.")
        .heading("Many lines with long names")
        .plot(&many(), "Colours repeat with dashes after six.")
        .heading("Odd cases")
        .plot(&Plot::new("A constant").line("constant", &[(0.0, 5.0), (9.0, 5.0)]), "")
        .plot(&Plot::new("Nothing but gaps").line("gap", &[(0.0, f64::NAN)]), "")
        .plot(
            &Plot::new("<script>alert('title')</script> & a title so long that it needs more than one line to be read")
                .y_label("<b>")
                .line("a \"quoted\" & <tagged> name", &[(1e-9, 1e-7), (2e-9, -3e-7)])
                .line("single point", &[(1.5e-9, 0.0)]),
            "Text from a file is never markup.",
        )
        .verbatim("ressac predict runs/forecast-1 --data load.csv --out forecast.csv");
    print!("{}", page.render());
}

/// A daily wave with a slower one, enough to look like a load.
fn wave(hour: f64) -> f64 {
    1_200.0 + 250.0 * (hour * std::f64::consts::TAU / 24.0).sin() + 90.0 * (hour * 0.031).cos()
}

fn forecast() -> Plot {
    const START: f64 = 1_467_331_200.0;
    let at = |hour: u32| START + 3_600.0 * f64::from(hour);
    let truth: Vec<(f64, f64)> = (0..216)
        .map(|hour| {
            let value = wave(f64::from(hour)) + f64::from(hour * 7_919 % 61) - 30.0;
            (
                at(hour),
                if (60..66).contains(&hour) {
                    f64::NAN
                } else {
                    value
                },
            )
        })
        .collect();
    let forecast: Vec<(f64, f64)> = (168..216)
        .map(|hour| (at(hour), wave(f64::from(hour))))
        .collect();
    let naive: Vec<(f64, f64)> = (168..216)
        .map(|hour| (at(hour), truth[hour as usize - 24].1))
        .collect();
    Plot::new("Load, 48 hours ahead")
        .x_times()
        .x_label("time")
        .y_label("MW")
        .mark(at(168), "forecast")
        .line("truth", &truth)
        .line("seasonal-naive", &naive)
        .line("lstm", &forecast)
}

fn learning() -> Plot {
    let curve = |floor: f64, rate: f64| -> Vec<(f64, f64)> {
        (1..=20)
            .map(|epoch| (f64::from(epoch), floor + (-rate * f64::from(epoch)).exp()))
            .collect()
    };
    Plot::new("Loss by epoch")
        .x_label("epoch")
        .y_label("mean squared error")
        .mark(14.0, "best")
        .line("training", &curve(0.31, 0.3))
        .line("validation", &curve(0.42, 0.25))
}

fn passengers() -> Plot {
    let points: Vec<(f64, f64)> = (0..144)
        .map(|month| {
            let m = f64::from(month);
            (
                -662_688_000.0 + m * 2_629_746.0,
                112_000.0
                    * (1.0 + 0.02 * m)
                    * (1.0 + 0.2 * (m * std::f64::consts::FRAC_PI_6).sin()),
            )
        })
        .collect();
    Plot::new("Passengers")
        .x_times()
        .line("Passengers", &points)
}

fn many() -> Plot {
    (0..9).fold(
        Plot::new("Nine series").x_label("step").y_label("z-score"),
        |plot, k| {
            let points: Vec<(f64, f64)> = (0..50)
                .map(|step| {
                    (
                        f64::from(step),
                        (f64::from(step) / 8.0 + f64::from(k) * 0.4).sin() + f64::from(k),
                    )
                })
                .collect();
            plot.line(format!("transformer temperature {k}"), &points)
        },
    )
}
