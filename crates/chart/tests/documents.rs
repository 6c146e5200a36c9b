//! What is drawn, read back as a reader's program would.

use proptest::prelude::*;
use ressac_chart::{Page, Plot};

/// Checks that tags open and close in order and every attribute is quoted; gives the text between.
fn read_markup(markup: &str) -> Result<String, String> {
    let (mut rest, mut open, mut text) = (markup, Vec::new(), String::new());
    while let Some(start) = rest.find('<') {
        text.push_str(&rest[..start]);
        let end = rest[start..].find('>').ok_or("a tag without end")? + start;
        let tag = &rest[start + 1..end];
        rest = &rest[end + 1..];
        if tag.contains('<') || tag.matches('"').count() % 2 == 1 {
            return Err(format!("broken tag <{tag}>"));
        }
        let name = tag
            .trim_start_matches('/')
            .split([' ', '\n', '/'])
            .next()
            .unwrap_or_default()
            .to_owned();
        if let Some(closed) = tag.strip_prefix('/') {
            if open.pop().as_deref() != Some(closed) {
                return Err(format!("</{closed}> closes nothing"));
            }
        } else if !tag.ends_with('/') && !matches!(name.as_str(), "!DOCTYPE" | "meta") {
            open.push(name);
        }
    }
    text.push_str(rest);
    if open.is_empty() {
        Ok(text)
    } else {
        Err(format!("left open: {open:?}"))
    }
}

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
        assert!(read_markup(&plot.render()).unwrap().contains("no values"));
    }
}

#[test]
fn a_page_names_no_address_and_forbids_them_all() {
    let plot = Plot::new("Load").line("truth", &[(0.0, 1.0), (1.0, 2.0)]);
    let page = Page::new("Report")
        .plot(&plot, "caption")
        .svg(&plot.render(), "")
        .render();
    for trace in [
        "http:", "https:", "//", "url(", "src=", "href=", "@import", "<script",
    ] {
        assert!(!page.contains(trace), "{trace} in the page");
    }
    assert!(page.contains("default-src 'none'"));
    assert_eq!(page.matches("<svg").count(), 2);
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
            .line(&*text, &[(0.0, 1.0), (1.0, 2.0)]).line("b", &[]);
        let page = Page::new(&*text).language(&*text).heading(&text).paragraph(&text).notice(&text)
            .verbatim(&text).table(&[&text], &[vec![&text]]).plot(&plot, &text);
        for markup in [plot.render(), page.render()] {
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
        times: bool,
    ) {
        let mut plot = Plot::new("any").line("a", &points).mark(points[0].0, "mark");
        if times {
            plot = plot.x_times();
        }
        let svg = plot.render();
        prop_assert!(!svg.contains("NaN") && !svg.contains("inf"), "{}", svg);
        prop_assert!(read_markup(&svg).is_ok());
    }
}
