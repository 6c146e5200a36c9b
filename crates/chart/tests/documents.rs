//! What is drawn, read back as a reader's program would.

mod markup;

use markup::read_markup;
use proptest::prelude::*;
use ressac_chart::reliability::Bin;
use ressac_chart::{BarPlot, ConfusionMatrix, Drawing, HeatMap, Page, Plot, ReliabilityPlot};

/// The path of the first line.
fn path(svg: &str) -> String {
    let (_, path) = svg
        .split_once("class=\"line line-1\" d=\"")
        .expect("a line is drawn");
    path[..path.find('"').expect("the path ends")].to_owned()
}

#[test]
fn a_gap_breaks_the_line_and_a_lone_point_is_a_dot() {
    let nan = f64::NAN;
    let points = [
        (0.0, 1.0),
        (1.0, 2.0),
        (2.0, nan),
        (3.0, 1.5),
        (4.0, nan),
        (5.0, 1.0),
        (6.0, 2.0),
    ];
    let svg = Plot::new("load").line("load", &points).render();
    let path = path(&svg);
    assert_eq!(path.matches('M').count(), 2, "{path}");
    assert_eq!(path.matches('L').count(), 2, "{path}");
    assert_eq!(svg.matches(" dot\" d=\"M").count(), 1, "{svg}");
    assert!(!svg.contains("NaN"));
}

#[test]
fn a_long_series_is_thinned_but_keeps_its_peak() {
    let mut points: Vec<(f64, f64)> = (0..200_000)
        .map(|k| (f64::from(k), f64::from(k % 7)))
        .collect();
    points[123_456].1 = 100.0;
    let svg = Plot::new("load").line("load", &points).render();
    assert!(svg.len() < 60_000, "{} bytes", svg.len());
    let heights: Vec<f64> = path(&svg)
        .split(['M', 'L'])
        .filter_map(|place| place.split(' ').nth(1)?.parse().ok())
        .collect();
    let peak = heights.iter().copied().fold(f64::INFINITY, f64::min);
    assert_eq!(
        heights
            .iter()
            .filter(|height| **height < peak + 100.0)
            .count(),
        1
    );
}

#[test]
fn a_plot_says_its_title_its_labels_and_its_lines() {
    let svg = Plot::new("Load")
        .x_times()
        .x_label("time")
        .y_label("MW")
        .mark(3_600.0, "forecast")
        .line("truth", &[(0.0, 1.0), (86_400.0, 2.0)])
        .line("lstm", &[(0.0, 1.5)])
        .render();
    let text = read_markup(&svg).unwrap();
    for word in [
        "Load",
        "MW",
        "truth",
        "lstm",
        "forecast",
        "time, 1970-01-01 00:00 to 1970-01-02 00:00",
        "12:00",
    ] {
        assert!(text.contains(word), "{word} is missing in {text}");
    }
    assert!(svg.contains("prefers-color-scheme:dark"));
}

#[test]
fn a_plot_without_a_value_says_so() {
    for plot in [
        Plot::new("empty"),
        Plot::new("gaps").line("a", &[(f64::NAN, 1.0), (1.0, f64::INFINITY)]),
    ] {
        assert!(read_markup(&plot.render()).unwrap().contains("no data"));
    }
}

/// The numbers of the last path of a class (the first may be a sample in the legend), in the order in which they stand.
fn numbers(svg: &str, class: &str) -> Vec<f64> {
    let (_, rest) = svg
        .rsplit_once(&format!("<path class=\"{class}\" d=\""))
        .unwrap_or_else(|| panic!("no {class} in {svg}"));
    let path = &rest[..rest.find('"').expect("the path ends")];
    path.split(|c: char| c.is_ascii_alphabetic() || c == ' ')
        .filter_map(|number| number.parse().ok())
        .collect()
}

#[test]
fn a_band_goes_out_along_its_upper_end_and_back_along_its_lower() {
    let x = [0.0, 1.0, 2.0];
    let plot = Plot::new("load")
        .band("80 %", &x, &[1.0, 1.0, 2.0], &[3.0, 4.0, 5.0])
        .line("lstm", &[(0.0, 2.0), (2.0, 4.0)]);
    let svg = plot.render();
    let places = numbers(&svg, "band fill-1");
    let (xs, ys): (Vec<f64>, Vec<f64>) = places.chunks(2).map(|place| (place[0], place[1])).unzip();
    assert!(
        xs[0] < xs[1] && xs[1] < xs[2] && xs[3..] == [xs[2], xs[1], xs[0]],
        "{xs:?}"
    );
    // Downwards is more: each upper end stands above its lower one.
    assert!((0..3).all(|k| ys[k] < ys[5 - k]), "{ys:?}");
    // Behind the line, and named.
    assert!(svg.rfind("class=\"band") < svg.rfind("class=\"line"));
    assert!(read_markup(&svg).unwrap().contains("80 %"));
}

#[test]
fn of_nested_bands_the_inner_is_two_layers_in_the_legend_whatever_the_order() {
    let x = [0.0, 1.0];
    let inner = |plot: Plot| plot.band("80 %", &x, &[1.0, 1.0], &[2.0, 2.0]);
    let outer = |plot: Plot| plot.band("95 %", &x, &[0.0, 0.0], &[3.0, 3.0]);
    for plot in [inner(outer(Plot::new("a"))), outer(inner(Plot::new("a")))] {
        let svg = plot.line("lstm", &[(0.0, 1.5)]).render();
        let before = |name: &str| &svg[..svg.find(&format!(">{name}<")).expect("named")];
        let layers = |name: &str| {
            let legend = before(name);
            let from = legend.rfind("</text>").expect("a name before");
            legend[from..].matches("class=\"band fill-1\"").count()
        };
        assert_eq!((layers("80 %"), layers("95 %")), (2, 1));
    }
}

#[test]
fn a_gap_breaks_a_band_and_a_lone_interval_is_an_upright() {
    let x: Vec<f64> = (0..7).map(f64::from).collect();
    let lower = [1.0, 1.0, f64::NAN, 1.0, 1.0, 1.0, 1.0];
    let upper = [2.0, 2.0, 2.0, 2.0, f64::INFINITY, 2.0, 2.0];
    let svg = Plot::new("load").band("80 %", &x, &lower, &upper).render();
    assert_eq!(numbers(&svg, "band fill-1").len(), 16, "two runs of two");
    assert_eq!(numbers(&svg, "band lone fill-1").len(), 3);
    assert!(!svg.contains("NaN") && !svg.contains("inf"));
}

#[test]
fn on_a_logarithmic_axis_equal_ratios_are_equally_far_apart() {
    let points = [
        (0.0, 1.0),
        (1.0, 10.0),
        (2.0, 100.0),
        (3.0, 0.0),
        (4.0, 1000.0),
    ];
    let svg = Plot::new("norm").y_log().line("norm", &points).render();
    let ys: Vec<f64> = path(&svg)
        .split(['M', 'L'])
        .filter_map(|place| place.split(' ').nth(1)?.parse().ok())
        .collect();
    assert!((ys[0] - ys[1] - (ys[1] - ys[2])).abs() < 0.2, "{ys:?}");
    let text = read_markup(&svg).unwrap();
    assert!(text.contains("1 not above zero, not shown") && text.contains("1000"));
    let nothing = Plot::new("norm").y_log().line("norm", &[(0.0, -1.0)]);
    let band = Plot::new("loss")
        .y_log()
        .band("80 %", &[0.0, 1.0], &[0.0, 1.0], &[1.0, 2.0]);
    assert!(
        read_markup(&band.render())
            .unwrap()
            .contains("1 not above zero")
    );
    assert!(read_markup(&nothing.render()).unwrap().contains("no data"));
}

#[test]
fn bars_stand_on_zero_and_hang_from_it() {
    let svg = BarPlot::new("bias", &["Mon", "Tue", "Wed"])
        .bars("lstm", &[2.0, -2.0, f64::NAN])
        .bars("naive", &[1.0, 1.0, 1.0, 9.0])
        .render();
    // The legend's samples say nothing under the mouse; bars do.
    assert_eq!(svg.matches("</title></path>").count(), 5);
    for said in ["Mon, lstm: 2", "Tue, lstm: −2", "Wed, naive: 1"] {
        assert!(svg.contains(said), "{said}");
    }
    let zero = numbers(&svg, "axis")[1];
    let bar = |said: &str| -> Vec<f64> {
        let end = svg.find(&format!("<title>{said}")).expect("a bar");
        let from = svg[..end].rfind("<path").expect("its path");
        numbers(&svg[from..end], "fill-1")
    };
    let (up, down) = (bar("Mon, lstm"), bar("Tue, lstm"));
    assert!((up[1] - zero).abs() < 0.1 && up[3] < zero, "{up:?} {zero}");
    assert!(
        (down[1] - zero).abs() < 0.1 && down[3] > zero,
        "{down:?} {zero}"
    );
    assert!(((zero - up[3]) - (down[3] - zero)).abs() < 0.1);
}

#[test]
fn names_are_all_kept_and_numbers_are_thinned() {
    let names: Vec<String> = (0..30).map(|k| format!("region number {k}")).collect();
    let svg = BarPlot::new("by name", &names)
        .bars("a", &[1.0; 30])
        .render();
    assert_eq!(svg.matches(">region number ").count(), 30 + 30);
    let hours: Vec<String> = (0..96)
        .map(|k| format!("{:02}:{:02}", k / 4, k % 4 * 15))
        .collect();
    let svg = BarPlot::new("by time", &hours)
        .bars("", &[1.0; 96])
        .render();
    let written = hours
        .iter()
        .filter(|hour| svg.contains(&format!(">{hour}</text>")));
    let written: Vec<&String> = written.collect();
    assert!((8..=16).contains(&written.len()), "{written:?}");
    assert!(svg.contains(">00:00</text>") && svg.contains("soft spare"));
}

#[test]
fn a_cell_has_the_colour_between_the_numbers_of_the_legend() {
    let map = HeatMap::new("error", &["a", "b"], &["x", "y"], &[0.0, 100.0, 50.0]);
    let svg = map.render();
    let colour = |said: &str| {
        let end = svg.find(&format!("<title>{said}</title>")).expect("a cell");
        let from = svg[..end].rfind("heat-").expect("its colour");
        svg[from + 5..end]
            .split('"')
            .next()
            .unwrap_or_default()
            .parse::<usize>()
            .expect("a number")
    };
    let (low, high, middle) = (colour("a, x: 0"), colour("a, y: 100"), colour("b, x: 50"));
    assert_eq!((low, high), (1, 12));
    assert!((6..9).contains(&middle), "{middle:?}");
    assert!(svg.contains("class=\"hatch\"") && svg.contains("missing"));
    let whole = HeatMap::new("error", &["a"], &["x"], &[1.0]).render();
    assert!(!whole.contains("class=\"hatch\"") && !whole.contains("missing"));
}

#[test]
fn signs_have_their_own_sides() {
    let svg = HeatMap::new("bias", &["a"], &["x", "y", "z"], &[-4.0, 4.0, 1.0])
        .signed()
        .render();
    for (said, colours) in [("a, x: −4", 1..2), ("a, y: 4", 12..13), ("a, z: 1", 7..10)] {
        let end = svg.find(&format!("<title>{said}</title>")).expect("a cell");
        let from = svg[..end].rfind("signed-").expect("its colour");
        let colour = svg[from + 7..end].split('"').next().unwrap_or_default();
        let colour: usize = colour.parse().expect("a number");
        assert!(colours.contains(&colour), "{said}: {colour}");
    }
}

#[test]
fn the_legend_keeps_the_number_that_matters_when_letters_are_large() {
    // Ten classes of a step of 0.2: large letters have room for every second number at most.
    let map = HeatMap::new("bias", &["a"], &["x"], &[-1.0]).unit("MW");
    let svg = map.signed().render();
    let at = svg.rfind(">0</text>").expect("zero is written");
    let tag = &svg[svg[..at].rfind("<text").expect("its tag")..at];
    assert!(tag.contains("class=\"soft\""), "{tag}");
}

#[test]
fn a_large_map_is_a_small_file() {
    let labels: Vec<String> = (0..100).map(|k| k.to_string()).collect();
    let values: Vec<f64> = (0..10_000).map(|k| f64::from(k % 97)).collect();
    let svg = HeatMap::new("map", &labels, &labels, &values).render();
    assert!(svg.len() < 600_000, "{} bytes", svg.len());
    assert!(svg.matches("<path").count() < 60);
}

#[test]
fn what_has_nothing_to_draw_says_so() {
    let nan = [f64::NAN, f64::INFINITY];
    let none: [&str; 0] = [];
    for svg in [
        BarPlot::new("bars", &["a", "b"]).bars("x", &nan).render(),
        BarPlot::new("bars", &none).bars("x", &[1.0]).render(),
        BarPlot::new("bars", &["a"]).render(),
        HeatMap::new("map", &["a"], &["x", "y"], &nan).render(),
        ConfusionMatrix::new("matrix", &none, &[3]).render(),
        ConfusionMatrix::new("matrix", &["a", "b"], &[]).render(),
        ReliabilityPlot::new("bins", &[]).render(),
        HeatMap::new("map", &none, &["x"], &[1.0]).render(),
        HeatMap::new("map", &["a"], &none, &[1.0]).signed().render(),
        Plot::new("band")
            .band("80 %", &[0.0], &nan, &[1.0])
            .render(),
    ] {
        assert!(read_markup(&svg).unwrap().contains("no data"), "{svg}");
    }
}

#[test]
fn a_page_folds_gathers_and_lists() {
    let plot = Plot::new("Load").line("truth", &[(0.0, 1.0), (1.0, 2.0)]);
    let page = Page::new("Report")
        .figures(&[("skill", "0.3", "0.2 to 0.4"), ("windows", "12", "")])
        .subheading("By column")
        .grid(&[plot.render(), plot.picture().file()])
        .details("Configuration", |page| page.verbatim("hidden = 64"))
        .paragraph("after")
        .render();
    read_markup(&page).unwrap();
    assert_eq!(page.matches("<dd").count(), 3);
    let at = |text: &str| {
        page.find(text)
            .unwrap_or_else(|| panic!("{text} is missing"))
    };
    assert!(at("<h3>By column</h3>") < at("<div class=\"grid\">"));
    assert!(at("<details><summary>Configuration</summary>") < at("hidden = 64"));
    assert!(at("hidden = 64") < at("</details>") && at("</details>") < at(">after<"));
    assert!(page.contains("@media print"));
}

#[test]
fn a_page_names_no_address_and_forbids_them_all() {
    let plot = Plot::new("Load").line("truth", &[(0.0, 1.0), (1.0, 2.0)]);
    let page = Page::new("Report")
        .plot(&plot, "caption")
        .svg(&plot.render(), "")
        .grid(&[plot.render()])
        .plot(&BarPlot::new("Error", &["Mon"]).bars("lstm", &[1.0]), "")
        .plot(
            &HeatMap::new("Error", &["Mon"], &["1"], &[1.0]).signed(),
            "",
        )
        .plot(&HeatMap::new("Error", &["Mon"], &["1", "2"], &[1.0]), "")
        .render();
    for trace in [
        "http:",
        "https:",
        "//",
        "url(",
        "src=",
        "href=",
        "@import",
        "<script",
        "<link",
        "<form",
        "<base",
        " on",
        "javascript:",
    ] {
        assert!(!page.contains(trace), "{trace} in the page");
    }
    // Style inside the page is all that the policy lets through.
    for rule in [
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        "base-uri 'none'",
        "form-action 'none'",
    ] {
        assert!(page.contains(rule), "{rule}");
    }
    assert_eq!(page.matches("-src").count(), 2);
    assert_eq!(page.matches("<svg").count(), 6);
}

#[test]
fn columns_of_numbers_are_aligned_and_short_rows_are_filled() {
    let rows = vec![
        vec!["MSE", "0.4", "−1.5 %"],
        vec!["MAE", ""],
        vec!["", "1e-3", "12"],
    ];
    let page = Page::new("Report")
        .table(&["measure", "lstm"], &rows)
        .render();
    assert_eq!(page.matches("<td>").count(), 3);
    assert_eq!(page.matches("<td class=\"number\">").count(), 6);
    assert_eq!(page.matches("<th ").count(), 3);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_from_outside_becomes_markup(text in "[<>&\"'a-c \\x00-\\x1f\u{fffe}é]{0,60}") {
        let plot = Plot::new(&*text).x_label(&*text).y_label(&*text).mark(1.0, &*text)
            .band(&*text, &[0.0, 1.0], &[0.0, 1.0], &[1.0, 2.0])
            .line(&*text, &[(0.0, 1.0), (1.0, 2.0)]).line("b", &[]);
        let bars = BarPlot::new(&*text, &[&text, &text]).x_label(&*text).y_label(&*text).bars(&*text, &[1.0]);
        let map = HeatMap::new(&*text, &[&text], &[&text, &text], &[1.0])
            .row_label(&*text).column_label(&*text).unit(&*text);
        let matrix = ConfusionMatrix::new(&*text, &[&text, "b"], &[1, 2, 3]);
        let reliability = ReliabilityPlot::new(&*text, &[]);
        let page = Page::new(&*text).language(&*text).heading(&text).paragraph(&text).notice(&text)
            .verbatim(&text).table(&[&text], &[vec![&text]]).plot(&plot, &text)
            .subheading(&text).figures(&[(&text, &text, &text)]).grid(&[bars.render()])
            .details(&text, |page| page.plot(&map, &text));
        for markup in [
            plot.render(), bars.render(), map.render(), page.render(), matrix.render(), reliability.render(),
        ] {
            let read = read_markup(&markup).map_err(TestCaseError::fail)?;
            // What is left of the text is escaped: no bare mark of markup survives.
            prop_assert!(!read.contains("<") && !read.replace("&lt;", "").replace("&gt;", "")
                .replace("&amp;", "").replace("&quot;", "").replace("&#39;", "").contains('&'));
            prop_assert!(!markup.chars().any(|c| c.is_control() && c != '\n' && c != '\t'));
        }
    }

    #[test]
    fn any_numbers_are_drawn_inside_the_picture(
        points in prop::collection::vec((proptest::num::f64::ANY, proptest::num::f64::ANY), 1..30),
        times: bool, log: bool, signed: bool, columns in 1_usize..40,
    ) {
        let (xs, ys): (Vec<f64>, Vec<f64>) = points.iter().copied().unzip();
        let mut plot = Plot::new("any").band("b", &xs, &ys, &xs).line("a", &points).mark(points[0].0, "mark");
        if times {
            plot = plot.x_times();
        }
        if log {
            plot = plot.y_log();
        }
        let labels: Vec<String> = (0..columns).map(|k| k.to_string()).collect();
        let names: Vec<String> = (0..columns).map(|k| format!("a long name {k}")).collect();
        let mut map = HeatMap::new("any", &["a", "b"], &labels, &xs);
        let counts: Vec<u64> = xs.iter().map(|x| x.to_bits()).collect();
        let bins: Vec<Bin> = points
            .iter()
            .map(|(x, y)| Bin { lower: *x, upper: *y, confidence: *y, accuracy: *x, count: x.to_bits() })
            .collect();
        if signed {
            map = map.signed();
        }
        for svg in [
            plot.render(),
            BarPlot::new("any", &labels).bars("x", &xs).bars("y", &ys).render(),
            BarPlot::new("any", &names).bars("x", &xs).render(),
            map.render(),
            ConfusionMatrix::new("any", &names, &counts).render(),
            ReliabilityPlot::new("any", &bins).render(),
        ] {
            prop_assert!(!svg.contains("NaN") && !svg.contains("inf"), "{}", svg);
            prop_assert!(read_markup(&svg).is_ok());
        }
    }
}
