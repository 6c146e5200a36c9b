//! What the drawings of an autoencoder's report say, read back: points by class, scores, images.

mod markup;

use markup::read_markup;
use proptest::prelude::*;
use ressac_chart::{Histogram, Page, Scatter};

/// The path of what says so under the mouse, or to a screen reader.
fn path<'a>(svg: &'a str, said: &str) -> &'a str {
    let end = svg
        .find(&format!("\"><title>{said}</title>"))
        .unwrap_or_else(|| panic!("no {said} in {svg}"));
    svg[..end].rsplit('"').next().unwrap_or_default()
}

/// The dots of a path, in units of the drawing.
fn dots(path: &str) -> Vec<(i32, i32)> {
    let (mut at, mut dots) = ((0, 0), Vec::new());
    for step in path.split("h0").filter(|step| !step.is_empty()) {
        let step = step.replace('-', " -");
        let mut numbers = step[1..].split(' ').filter(|number| !number.is_empty());
        let mut number = || -> i32 { numbers.next().unwrap().parse().unwrap() };
        let (x, y) = (number(), number());
        at = match step.starts_with('M') {
            true => (x, y),
            false => (at.0 + x, at.1 + y),
        };
        dots.push(at);
    }
    dots
}

#[test]
fn points_stand_where_their_numbers_are_and_are_one_path_a_class() {
    let points = [
        (0.0, 0.0, 0),
        (10.0, 5.0, 1),
        (5.0, 2.5, 0),
        (10.0, 5.0, 0),
        (10.0, 5.0, 0),
    ];
    let svg = Scatter::new("Codes", &["cat", "dog"])
        .x_label("first")
        .y_label("second")
        .points(&points)
        .render();
    let cats = dots(path(&svg, "cat: 4 points"));
    let dogs = dots(path(&svg, "dog: 1 point"));
    let [low, middle, high] = cats[..] else {
        panic!("a place of its own for each, once: {cats:?}")
    };
    assert_eq!(dogs, [high]);
    assert!(low.0 < middle.0 && low.1 > middle.1, "{cats:?}");
    assert!((2 * middle.0 - low.0 - high.0).abs() <= 1, "{cats:?}");
    assert!((2 * middle.1 - low.1 - high.1).abs() <= 1, "{cats:?}");
    // One more of each in the legend.
    assert_eq!(svg.matches("class=\"point ").count(), 4);
    let text = read_markup(&svg).unwrap();
    for word in ["Codes", "first", "second", "cat", "dog"] {
        assert!(text.contains(word), "{word}");
    }
    assert!(svg.contains("role=\"img\"") && svg.contains("prefers-color-scheme:dark"));
}

#[test]
fn more_classes_than_colours_have_crosses_and_then_are_others() {
    let names: Vec<String> = (0..15).map(|k| format!("class {k}")).collect();
    let points: Vec<(f64, f64, usize)> = (0..16).map(|k| (k as f64, 1.0, k)).collect();
    let svg = Scatter::new("Codes", &names).points(&points).render();
    assert_eq!(svg.matches("class=\"point line-").count(), 2 * 6);
    assert_eq!(svg.matches("class=\"point cross line-").count(), 2 * 6);
    assert_eq!(svg.matches("class=\"point others").count(), 2);
    path(&svg, "class 11: 1 point");
    path(&svg, "others: 4 points");
    assert!(!svg.contains("class 12"));
    // Below those with a name.
    assert!(svg.find("<title>others: ") < svg.find("<title>class 0: "));
    let few = Scatter::new("Codes", &names[..12])
        .points(&points[..12])
        .render();
    assert!(!few.contains(">others<"));
    let alike = Scatter::new("Codes", &[""; 0]).points(&points).render();
    path(&alike, "16 points");
    assert!(!alike.contains(">others<"));
}

#[test]
fn thousands_of_points_are_a_small_file() {
    let mut state = 1_u64;
    let mut random = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 33) as f64 / f64::from(1_u32 << 31)
    };
    let mut points = |count: usize| -> Vec<(f64, f64, usize)> {
        (0..count).map(|k| (random(), random(), k % 3)).collect()
    };
    let few = Scatter::new("Codes", &["a", "b", "c"]).points(&points(5_000));
    assert!(few.render().len() < 50_000, "{}", few.render().len());
    let many = Scatter::new("Codes", &["a", "b", "c"]).points(&points(1_000_000));
    assert!(many.render().len() < 450_000, "{}", many.render().len());
}

#[test]
fn points_without_a_place_are_counted_not_drawn() {
    let points = [(0.0, f64::NAN, 0), (f64::INFINITY, 1.0, 0), (1.0, 2.0, 0)];
    let svg = Scatter::new("Codes", &["a"]).points(&points).render();
    path(&svg, "a: 1 point");
    assert!(svg.contains("2 without a place, not shown"));
}

#[test]
fn a_set_stands_as_high_as_its_shares_whatever_its_size() {
    let svg = Histogram::new("Scores")
        .x_label("error")
        .values("normal", &[0.5, 0.5, 0.5, 1.5, f64::NAN])
        .values("unusual", &[9.5])
        .mark(5.0, "threshold")
        .render();
    let text = read_markup(&svg).unwrap();
    for word in [
        "normal (4)",
        "unusual (1)",
        "error",
        "threshold",
        "share of each set, %",
    ] {
        assert!(text.contains(word), "{word}");
    }
    assert!(text.contains("1 missing or infinite, not shown"));
    path(&svg, "0 to 1: normal 75 %, unusual 0 %");
    path(&svg, "1 to 2: normal 25 %, unusual 0 %");
    path(&svg, "9 to 10: normal 0 %, unusual 100 %");
    let steps = |class: &str| -> Vec<f64> {
        let (_, rest) = svg.rsplit_once(&format!("{class}\" d=\"")).unwrap();
        let path = &rest[..rest.find('"').unwrap()];
        let heights = path.split('V').skip(1);
        heights
            .map(|step| step.split(['H', 'z']).next().unwrap().parse().unwrap())
            .collect()
    };
    let (normal, unusual) = (steps("area fill-1 line-1"), steps("area fill-2 line-2"));
    let [most, least, axis] = normal[..] else {
        panic!("{normal:?}")
    };
    assert!(((axis - most) - 3.0 * (axis - least)).abs() < 0.3);
    assert!(((axis - unusual[0]) * 0.75 - (axis - most)).abs() < 0.3);
    // The threshold stands in the middle of the axis from 0 to 10.
    let number =
        |path: &str| -> f64 { path[1..].split([' ', 'H']).next().unwrap().parse().unwrap() };
    let (_, mark) = svg.split_once("class=\"mark\" d=\"").unwrap();
    let left = number(path(&svg, "0 to 1: normal 75 %, unusual 0 %"));
    let last = number(path(&svg, "9 to 10: normal 0 %, unusual 100 %"));
    assert!((number(mark) - (left + (last - left) / 0.9 / 2.0)).abs() < 0.2);
}

#[test]
fn scores_far_apart_are_spread_by_their_logarithm() {
    let scores: Vec<f64> = (0..90)
        .map(|k| 10_f64.powf(f64::from(k % 30) / 10.0 - 2.0))
        .collect();
    let svg = Histogram::new("Scores").values("", &scores).render();
    assert!(svg.contains(">0.01</text>") && svg.contains(">1</text>"));
    assert!(svg.matches("class=\"bin\"").count() > 9);
    // One number that is not above zero, and the axis is linear.
    let linear = Histogram::new("Scores")
        .values("", &scores)
        .values("", &[0.0]);
    assert!(!linear.render().contains(">0.01</text>"));
    // A mark without a place on the axis is left out.
    let marked = Histogram::new("Scores")
        .values("", &scores)
        .mark(-1.0, "gone")
        .mark(0.5, "kept");
    assert!(marked.render().contains("kept") && !marked.render().contains("gone"));
}

#[test]
fn without_a_value_there_is_nothing_to_draw() {
    let nan = [f64::NAN, f64::INFINITY];
    for svg in [
        Scatter::new("a", &["x"]).render(),
        Scatter::new("a", &["x"])
            .points(&[(nan[0], 1.0, 0)])
            .render(),
        Histogram::new("a").mark(1.0, "b").render(),
        Histogram::new("a").values("b", &[]).mark(1.0, "b").render(),
        Histogram::new("a").values("b", &nan).render(),
    ] {
        assert!(read_markup(&svg).unwrap().contains("no data"), "{svg}");
    }
}

/// The head of a PNG file of that size, as much of it as a page looks at.
fn png(width: u32, height: u32) -> Vec<u8> {
    let head = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR";
    [&head[..], &width.to_be_bytes(), &height.to_be_bytes()].concat()
}

#[test]
fn images_stand_in_the_page_and_the_policy_lets_them_through() {
    let rows = [
        (
            "a <cat>",
            vec![png(28, 20), png(28, 20), b"not an image".to_vec()],
        ),
        ("a dog", vec![png(3, 2)]),
    ];
    let page = Page::new("Report").pictures(&["input", "reconstruction", "error"], &rows, 4);
    let html = page.render();
    read_markup(&html).unwrap();
    assert_eq!(html.matches("<img ").count(), 3);
    assert!(html.contains(
        "<img width=\"112\" height=\"80\" alt=\"reconstruction, a &lt;cat&gt;\" src=\"data:image/png;base64,iVBORw0KGgo"
    ));
    assert!(html.contains("width=\"12\" height=\"8\" alt=\"input, a dog\""));
    assert_eq!(html.matches("<td>").count(), 6 + 1);
    assert!(html.contains("image-rendering:pixelated") && html.contains(" img-src data:;"));
    assert!(html.contains("<th scope=\"col\">error</th>"));
    // Without an image the policy stays as strict as before.
    let none = Page::new("Report").pictures(&["input"], &[("a", vec![Vec::new()])], 0);
    assert!(!none.render().contains("img-src"));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_from_outside_becomes_markup(text in "[<>&\"'a-c \\x00-\\x1f\u{fffe}é]{0,60}") {
        let scatter = Scatter::new(&*text, &[&text, "b"]).x_label(&*text).y_label(&*text).points(&[(0.0, 1.0, 0)]);
        let histogram = Histogram::new(&*text).x_label(&*text).values(&*text, &[1.0, 2.0]).mark(1.5, &*text);
        let page = Page::new("Report").pictures(&[&text], &[(&text, vec![png(1, 1)])], 1)
            .plot(&scatter, "").plot(&histogram, "");
        for markup in [scatter.render(), histogram.render(), page.render()] {
            let read = read_markup(&markup).map_err(TestCaseError::fail)?;
            prop_assert!(!read.contains("<") && !read.replace("&lt;", "").replace("&gt;", "")
                .replace("&amp;", "").replace("&quot;", "").replace("&#39;", "").contains('&'));
        }
    }

    #[test]
    fn any_numbers_are_drawn_inside_the_picture(
        points in prop::collection::vec((proptest::num::f64::ANY, proptest::num::f64::ANY, 0_usize..20), 1..30),
        classes in 0_usize..16, above: bool, mark in proptest::num::f64::ANY,
    ) {
        let names: Vec<String> = (0..classes).map(|k| format!("class {k}")).collect();
        let value = |x: &f64| if above { x.abs() } else { *x };
        let xs: Vec<f64> = points.iter().map(|(x, _, _)| value(x)).collect();
        let ys: Vec<f64> = points.iter().map(|(_, y, _)| value(y)).collect();
        for svg in [
            Scatter::new("any", &names).points(&points).render(),
            Histogram::new("any").values("x", &xs).values("y", &ys).mark(mark, "mark").render(),
            Histogram::new("any").values("x", &xs[..1]).mark(mark, "mark").render(),
        ] {
            prop_assert!(!svg.contains("NaN") && !svg.contains("inf ") && !svg.contains("inf\""), "{}", svg);
            prop_assert!(read_markup(&svg).is_ok());
        }
    }
}
