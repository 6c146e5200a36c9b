//! What a classifier's drawings say, read back.

mod markup;

use markup::read_markup;
use ressac_chart::reliability::Bin;
use ressac_chart::{ConfusionMatrix, ReliabilityPlot};

#[test]
fn a_confusion_matrix_has_its_counts_on_the_colours_of_their_shares() {
    let counts = [40, 10, 0, 3, 17, 0, 0, 0, 0];
    let svg = ConfusionMatrix::new("matrix", &["cat", "dog", "owl"], &counts).render();
    for said in [
        "cat found: 40 of 50",
        "dog taken for cat: 3 of 20",
        "cat taken for owl: 0 of 50",
    ] {
        assert!(svg.contains(&format!("<title>{said}</title>")), "{said}");
    }
    // 80 %, 20 %, 0 %, 15 %, 85 %, 0 % in steps of 10; the owls have no example.
    let cells: Vec<(&str, &str)> = svg
        .split("cell on-")
        .skip(1)
        .filter_map(|rest| {
            let count = &rest[rest.find('>')? + 1..rest.find('<')?];
            Some((rest.split(['"', ' ']).next()?, count))
        })
        .collect();
    let written: Vec<&str> = cells.iter().map(|(_, count)| *count).collect();
    assert_eq!(written, ["40", "10", "0", "3", "17", "0"]);
    assert_eq!(cells[0].0, cells[4].0);
    assert!(cells[2].0 == "1" && cells[3].0 != "1", "{cells:?}");
    assert!(svg.contains("class=\"hatch\""));
    let text = read_markup(&svg).unwrap();
    assert!(text.contains("true class") && text.contains("predicted class"));
}

#[test]
fn classes_whose_names_have_no_room_are_numbered() {
    let names: Vec<String> = (1..=30)
        .map(|k| format!("a kind of activity {k}"))
        .collect();
    let counts: Vec<u64> = (0..900)
        .map(|cell| u64::from(cell % 31 == 0) * 2_345)
        .collect();
    let svg = ConfusionMatrix::new("matrix", &names, &counts).render();
    for label in (1..=30).map(|k| format!(" {k}</text>")) {
        assert!(svg.contains(&label), "{label}");
    }
    assert_eq!(svg.matches(">2k</text>").count(), 30);
    assert!(!svg.contains(">0</text><text class=\"tick-y cell"));
    assert!(svg.contains("a kind of activity 7 found: 2345 of 2345"));
}

#[test]
fn a_bin_stands_as_high_as_its_accuracy_and_its_count_below() {
    let bin = |lower: f64, accuracy, count| Bin {
        lower,
        upper: lower + 0.25,
        confidence: lower + 0.1,
        accuracy,
        count,
    };
    let bins = [
        bin(0.0, 0.0, 0),
        bin(0.25, 0.5, 20),
        bin(0.5, 1.0, 10),
        bin(0.75, f64::NAN, 9),
    ];
    let svg = ReliabilityPlot::new("bins", &bins).render();
    assert_eq!(svg.matches("</title></path>").count(), 4);
    let heights = |class: &str| -> Vec<f64> {
        let start = format!("<path class=\"{class}\" d=\"M");
        let bars = svg.split(&start).skip(1);
        bars.filter(|bar| bar.contains("z\"><title>"))
            .filter_map(|bar| {
                let from: f64 = bar.split([' ', 'h']).nth(1)?.parse().ok()?;
                let to: f64 = bar.split(['V', 'h']).nth(2)?.parse().ok()?;
                Some(from - to)
            })
            .collect()
    };
    let (accuracies, counts) = (heights("fill-1"), heights("fill-6"));
    assert!(
        (2.0 * accuracies[0] - accuracies[1]).abs() < 0.1,
        "{accuracies:?}"
    );
    assert!((counts[0] - 2.0 * counts[1]).abs() < 0.1, "{counts:?}");
    assert!(svg.contains(">20</text>") && svg.contains(">10</text>") && svg.contains("round-1"));
}

#[test]
fn bins_of_pairs_of_an_example_and_a_class_are_called_so() {
    let bin = Bin {
        lower: 0.8,
        upper: 1.0,
        confidence: 0.93,
        accuracy: 0.88,
        count: 412,
    };
    let svg = ReliabilityPlot::new("bins", &[bin]).of_pairs().render();
    assert!(svg.contains("0.8 to 1: share that holds 0.88, probability 0.93, 412 pairs"));
    assert!(!svg.contains("accuracy") && !svg.contains("examples"));
}
