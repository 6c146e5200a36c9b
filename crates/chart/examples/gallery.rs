//! Every drawing of this crate on one page, to be looked at after a change:
//! `cargo run -p ressac-chart --example gallery > gallery.html`, then open it wide, narrow,
//! light and dark.

use ressac_chart::reliability::Bin;
use ressac_chart::{
    BarPlot, ConfusionMatrix, HeatMap, Histogram, Page, Plot, ReliabilityPlot, Scatter,
};

fn main() {
    let page = Page::new("Gallery of the plots")
        .paragraph("Each plot below shows one case that has been, or could be, drawn badly.")
        .notice("No better than seasonal-naive: the skill is 0.01, its interval from −0.04 to 0.05.")
        .figures(&[
            ("skill against seasonal-naive", "0.34", "95 % interval 0.21 to 0.45"),
            ("mean absolute error", "31.2 MW", "2.6 % of the mean load"),
            ("coverage of the 80 % interval", "79.4 %", "width 88 MW"),
            ("windows", "1,344", ""),
        ])
        .heading("A forecast")
        .plot(&forecast(), "Seven days of context, two of forecast; hourly, with a gap of six hours, and one in the bands.")
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
        .subheading("On a logarithmic axis")
        .plot(&gradients(), "What is not above zero cannot be drawn, and is counted.")
        .heading("Errors by category")
        .plot(&by_month(), "Labels fit: the bars stand.")
        .plot(&by_hour(), "Numbers are thinned where they do not fit; negative values hang from zero; two are missing.")
        .plot(&by_name(), "Names are not thinned: the bars lie.")
        .heading("Errors by two categories")
        .plot(&by_hour_and_month(false), "Each cell tells its value under the mouse.")
        .plot(&by_hour_and_month(true), "Signs in two colours.")
        .plot(&by_day(), "Many rows and columns.")
        .heading("A classifier")
        .plot(&two_classes(), "Names fit below the columns.")
        .plot(&speakers(), "Names do not fit: the classes are numbered; one has no example.")
        .plot(&many_classes(), "Thirty classes with long names.")
        .plot(&reliability(15, 900.0), "Too sure of itself; two bins are empty.")
        .plot(&reliability(4, 123_456.0), "Few bins and large counts.")
        .heading("An autoencoder")
        .plot(&codes(10, 3_000), "Ten classes: four have crosses.")
        .plot(&codes(16, 60_000), "More classes than can be told apart, and many points.")
        .plot(&scores(true), "Far apart: the axis is logarithmic.")
        .plot(&scores(false), "One set, not far apart.")
        .pictures(
            &["input", "reconstruction", "error"],
            &[
                ("normal, score 0.03", vec![image(0), image(1), image(2)]),
                ("unusual, score 0.81: a caption that takes more than one line", vec![image(3), image(4)]),
            ],
            10,
        )
        .heading("Small multiples")
        .grid(&small())
        .details("Configuration", |page| {
            page.paragraph("Folded away until it is asked for.").table(
                &["option", "value"],
                &[vec!["cell", "lstm"], vec!["hidden", "64"]],
            )
        })
        .heading("Large numbers and months")
        .plot(&passengers(), "Numbers above ten thousand are shortened.")
        .heading("Many lines with long names")
        .plot(&many(), "Colours repeat with dashes after six.")
        .heading("Odd cases")
        .plot(&Plot::new("A constant").line("constant", &[(0.0, 5.0), (9.0, 5.0)]), "")
        .plot(&BarPlot::new("No bars", &["a", "b"]).bars("x", &[f64::NAN]), "")
        .plot(&HeatMap::new("No cells", &["a"], &["b"], &[]), "")
        .plot(&ConfusionMatrix::new::<&str>("No classes", &[], &[]), "")
        .plot(&ConfusionMatrix::new("One class", &["only"], &[12]), "")
        .plot(&ReliabilityPlot::new("No bins", &[]), "")
        .plot(&Scatter::new("One point", &["only"]).points(&[(3.0, 4.0, 0)]), "")
        .plot(&Histogram::new("One value").values("only", &[3.0]).mark(3.0, "mark"), "")
        .plot(&HeatMap::new("One cell", &["a"], &["b"], &[0.0]).signed(), "")
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
    // The uncertainty grows with the step, and is not known for three hours.
    let ends = |width: f64| -> Vec<f64> {
        forecast
            .iter()
            .enumerate()
            .map(|(step, (_, value))| match step {
                30..33 => f64::NAN,
                _ => value + width * (20.0 + 3.0 * (step as f64).sqrt()),
            })
            .collect()
    };
    let x: Vec<f64> = forecast.iter().map(|(x, _)| *x).collect();
    Plot::new("Load, 48 hours ahead")
        .x_times()
        .x_label("time")
        .y_label("MW")
        .mark(at(168), "forecast")
        .line("truth", &truth)
        .line("seasonal-naive", &naive)
        .band("80 %", &x, &ends(-1.28), &ends(1.28))
        .band("95 %", &x, &ends(-1.96), &ends(1.96))
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

fn gradients() -> Plot {
    let norm = |scale: f64| -> Vec<(f64, f64)> {
        (0..400)
            .map(|step| {
                let s = f64::from(step);
                let noise = 1.0 + 0.4 * f64::from(step * 7_919 % 61) / 61.0;
                let spike = if step == 250 { 60.0 } else { 1.0 };
                let value = scale * (-0.02 * s).exp() * noise * spike;
                (s, if step % 150 == 149 { 0.0 } else { value })
            })
            .collect()
    };
    Plot::new("Gradient norm by step")
        .x_label("step")
        .y_label("norm")
        .y_log()
        .line("weights", &norm(20.0))
        .line("biases", &norm(0.4))
}

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// A number that looks measured, from -1 to 1.
fn noise(k: usize) -> f64 {
    (k * 7_919 % 127) as f64 / 63.5 - 1.0
}

fn by_month() -> BarPlot {
    let model: Vec<f64> = (0..12).map(|m| 30.0 + 6.0 * noise(m)).collect();
    let naive: Vec<f64> = (0..12).map(|m| 44.0 + 11.0 * noise(m + 5)).collect();
    BarPlot::new("Error by month", &MONTHS)
        .y_label("mean absolute error, MW")
        .bars("lstm", &model)
        .bars("seasonal-naive", &naive)
}

fn by_hour() -> BarPlot {
    let hours: Vec<String> = (0..24).map(|hour| format!("{hour:02}:00")).collect();
    let bias: Vec<f64> = (0..24)
        .map(|hour| match hour {
            3 | 4 => f64::NAN,
            _ => 12.0 * (hour as f64 / 4.0).sin() + 3.0 * noise(hour),
        })
        .collect();
    BarPlot::new("Bias by hour", &hours)
        .x_label("hour of day")
        .y_label("mean error, MW")
        .bars("Bias by hour", &bias)
}

fn by_name() -> BarPlot {
    let names = [
        "Île-de-France",
        "Auvergne-Rhône-Alpes",
        "Provence-Alpes-Côte d'Azur",
        "Bretagne",
        "Normandie",
        "Grand Est",
    ];
    BarPlot::new("Skill by series", &names)
        .y_label("skill against seasonal-naive")
        .bars("lstm", &[0.41, 0.32, 0.28, 0.12, -0.06, 0.22])
        .bars("gru", &[0.38, 0.35, 0.21, 0.15, 0.02, f64::NAN])
}

fn by_hour_and_month(signed: bool) -> HeatMap {
    let hours: Vec<String> = (0..24).map(|hour| hour.to_string()).collect();
    let values: Vec<f64> = (0..12 * 24)
        .map(|cell| {
            let (month, hour) = ((cell / 24) as f64, (cell % 24) as f64);
            let value = 20.0 * (hour / 3.8).sin() + 14.0 * (month / 2.0).cos() + 5.0 * noise(cell);
            match (signed, cell) {
                (_, 170..175) => f64::NAN,
                (true, _) => value,
                (false, _) => 45.0 + value,
            }
        })
        .collect();
    let map = HeatMap::new("Error by hour and month", &MONTHS, &hours, &values)
        .column_label("hour of day")
        .unit("mean absolute error, MW");
    if signed {
        map.signed().unit("mean error, MW")
    } else {
        map
    }
}

fn by_day() -> HeatMap {
    let days: Vec<String> = (1..=90).map(|day| format!("day {day}")).collect();
    let slots: Vec<String> = (0..96)
        .map(|slot| format!("{:02}:{:02}", slot / 4, slot % 4 * 15))
        .collect();
    let values: Vec<f64> = (0..90 * 96)
        .map(|cell| {
            let load = wave((cell % 96) as f64 / 4.0 + 24.0 * (cell / 96) as f64);
            if cell / 96 == 40 { f64::NAN } else { load }
        })
        .collect();
    HeatMap::new("Load by day and quarter hour", &days, &slots, &values).unit("MW")
}

fn two_classes() -> ConfusionMatrix {
    ConfusionMatrix::new(
        "Sentiment",
        &["negative", "positive"],
        &[12_740, 172, 148, 761],
    )
}

fn speakers() -> ConfusionMatrix {
    let names: Vec<String> = (1..=9).map(|k| format!("speaker-{k}")).collect();
    let counts: Vec<u64> = (0..81)
        .map(|cell| match (cell / 9, cell % 9) {
            (4, _) => 0,
            (row, column) if row == column => 20 + (cell * 7_919 % 89) as u64,
            _ => (cell * 7_919 % 11 / 8 * (cell % 5)) as u64,
        })
        .collect();
    ConfusionMatrix::new("Which speaker is taken for which", &names, &counts)
}

fn many_classes() -> ConfusionMatrix {
    let names: Vec<String> = (1..=30)
        .map(|k| format!("a kind of activity {k}"))
        .collect();
    let counts: Vec<u64> = (0..900)
        .map(|cell| match (cell / 30, cell % 30) {
            (row, column) if row == column => 300 + (cell * 7_919 % 1_700) as u64,
            _ => (cell * 7_919 % 31 / 28 * (cell * 31 % 190)) as u64,
        })
        .collect();
    ConfusionMatrix::new("Thirty activities", &names, &counts)
}

fn reliability(count: usize, most: f64) -> ReliabilityPlot {
    let bins: Vec<Bin> = (0..count)
        .map(|k| {
            let end = |k: usize| k as f64 / count as f64;
            let confidence = f64::midpoint(end(k), end(k + 1));
            let accuracy = confidence - 0.25 * confidence * (1.0 - confidence) + 0.04 * noise(k);
            Bin {
                lower: end(k),
                upper: end(k + 1),
                confidence,
                accuracy: accuracy.clamp(0.0, 1.0),
                count: if count == 15 && k < 2 {
                    0
                } else {
                    (most * confidence.powi(3)) as u64 + 3
                },
            }
        })
        .collect();
    ReliabilityPlot::new("Confidence and accuracy", &bins)
}

fn codes(classes: usize, count: usize) -> Scatter {
    let names: Vec<String> = (0..classes).map(|k| format!("digit {k}")).collect();
    let points: Vec<(f64, f64, usize)> = (0..count)
        .map(|k| {
            let class = k * 31 % classes;
            let angle = std::f64::consts::TAU * (class as f64 + 0.2) / classes as f64;
            // A sum of numbers that have little to do with each other is near a bell.
            let bell = |seed: u64| {
                let mixed = (k as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15 ^ (seed << 20));
                let mixed = (mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
                let bytes = (mixed ^ (mixed >> 32)).to_le_bytes();
                bytes
                    .map(|byte| f64::from(byte) / 128.0 - 1.0)
                    .iter()
                    .sum::<f64>()
            };
            (
                3.0 * angle.cos() + 0.4 * bell(1),
                3.0 * angle.sin() + 0.4 * bell(9),
                class,
            )
        })
        .collect();
    Scatter::new("Codes of the test part", &names)
        .x_label("first principal component")
        .y_label("second principal component")
        .points(&points)
}

fn scores(both: bool) -> Histogram {
    let normal: Vec<f64> = (0..2_000)
        .map(|k| 0.01 * (0.5 * (noise(k) + noise(k / 7) + noise(k / 61))).exp())
        .collect();
    let unusual: Vec<f64> = (0..90)
        .map(|k| 0.3 * (1.2 * (noise(k) + noise(k / 3 + 5))).exp())
        .collect();
    let histogram = Histogram::new("Scores")
        .x_label("mean squared error of the reconstruction")
        .values("normal", &normal);
    match both {
        true => histogram
            .values("unusual", &unusual)
            .mark(0.035, "threshold"),
        false => histogram.mark(0.027, "99 % of the normal ones"),
    }
}

/// An image of 9 × 9 grey pixels as a PNG file, written by hand: ressac-data has a writer, which this crate must not know.
fn image(seed: usize) -> Vec<u8> {
    const SIDE: usize = 9;
    let mut rows = Vec::new();
    for y in 0..SIDE {
        // Each row says first that it is not filtered.
        rows.push(0);
        rows.extend((0..SIDE).map(|x| {
            let far = (x as f64 - 4.0).hypot(y as f64 - 4.0);
            let ring = 255.0 * (-(far - 2.5 - seed as f64 / 5.0).powi(2)).exp();
            (ring + 20.0 * noise(seed + x + SIDE * y)) as u8
        }));
    }
    let length = rows.len() as u16;
    // A zlib stream of one block that is stored as it is.
    let mut data = vec![0x78, 1, 1];
    data.extend(length.to_le_bytes());
    data.extend((!length).to_le_bytes());
    data.extend(&rows);
    let (a, b) = rows.iter().fold((1_u32, 0_u32), |(a, b), byte| {
        let a = (a + u32::from(*byte)) % 65_521;
        (a, (b + a) % 65_521)
    });
    data.extend((b << 16 | a).to_be_bytes());
    let side = (SIDE as u32).to_be_bytes();
    let header = [&side[..], &side, &[8, 0, 0, 0, 0]].concat();
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    for (kind, content) in [(b"IHDR", header), (b"IDAT", data), (b"IEND", Vec::new())] {
        let part = [&kind[..], &content].concat();
        file.extend((content.len() as u32).to_be_bytes());
        file.extend(&part);
        let sum = part.iter().fold(u32::MAX, |sum, byte| {
            (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
                (sum >> 1) ^ (0xedb8_8320 & (sum & 1).wrapping_neg())
            })
        });
        file.extend((!sum).to_be_bytes());
    }
    file
}

fn small() -> Vec<String> {
    ["north", "south", "east", "west"]
        .iter()
        .enumerate()
        .map(|(k, name)| {
            let points: Vec<(f64, f64)> = (0..96)
                .map(|hour| (f64::from(hour), wave(f64::from(hour) + 5.0 * k as f64)))
                .collect();
            Plot::new(*name)
                .x_label("hour")
                .y_label("MW")
                .line(*name, &points)
                .render()
        })
        .collect()
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
