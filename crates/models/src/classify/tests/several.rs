//! Tests of several classes at once: every kind of input from files to figures, and what is refused and told.

use ressac_data::examples::LabelSets;

use super::*;
use crate::classify::target::{Loss, Target};
use crate::family::Remark;

const CLASSES: [&str; 3] = ["art", "rain", "sun"];

/// The classes of a made example, a bit each: all eight sets occur.
fn set(at: usize) -> Vec<&'static str> {
    let bits = at * 7 % 8;
    let own = (0..3).filter(|class| bits >> class & 1 == 1);
    own.map(|class| CLASSES[class]).collect()
}

/// Texts that name their classes among other words.
fn texts(count: usize) -> String {
    const OTHERS: [&str; 5] = ["the", "day", "was", "long", "here"];
    let mut rows = "text\tlabels\n".to_owned();
    for at in 0..count {
        let classes = set(at);
        let mut words: Vec<&str> = (0..4)
            .map(|word| OTHERS[(at * 3 + word * at) % 5])
            .collect();
        for (place, class) in classes.iter().enumerate() {
            words.insert((at + place) % 4, class);
        }
        rows += &format!("{} n{at}\t{}\n", words.join(" "), classes.join("; "));
    }
    rows
}

/// Numbers with a column for each class, far from 0 where it holds: rows, or sequences of `steps`.
fn numbers(count: usize, steps: usize) -> String {
    let mut rows = "id,a,b,c,labels\n".to_owned();
    for at in 0..count {
        let classes = set(at);
        for step in 0..steps {
            let value = |class: usize| {
                let noise = ((at * 31 + step * 17 + class * 7) % 13) as f64 / 13.0;
                noise
                    + if classes.contains(&CLASSES[class]) {
                        2.0
                    } else {
                        0.0
                    }
            };
            let [a, b, c] = [0, 1, 2].map(value);
            rows += &format!("s{at},{a:.3},{b:.3},{c:.3},{}\n", classes.join(";"));
        }
    }
    rows
}

impl Files {
    fn of_sets(&self, file: &str, rows: &str, text: &str) -> Table {
        fs::write(self.path(file), rows).unwrap();
        self.options(file, &format!("label_separator = \";\"\n{text}"))
    }

    fn remarks(&self, options: &Table) -> Vec<String> {
        let device = Device::default();
        let training = family("classify").unwrap().prepare(options, &device);
        let remarks: Vec<Remark> = training.unwrap().remarks();
        remarks.into_iter().map(|remark| remark.text).collect()
    }
}

#[test]
fn texts_of_several_classes_are_learnt_and_read_back_by_every_verb() {
    let files = Files::new();
    let text = "steps = 300\nlr = 0.02\nembedding = 13\nembedding_dropout = 0.1\nlabel_smoothing = 0.05\nclass_weights = \"balanced\"";
    let options = files.of_sets("sets.tsv", &texts(420), text);
    let trained = files.train("model", &options, None, false);
    let evaluated = trained.evaluated.unwrap();
    assert!(
        figure(&evaluated, "micro_f1") > 0.9,
        "{:?}",
        evaluated.figures
    );
    for key in [
        "macro_f1",
        "subset_accuracy",
        "hamming_loss",
        "auroc",
        "ece",
    ] {
        let value = figure(&evaluated, key);
        assert!((0.0..=1.0).contains(&value), "{key}: {value}");
    }
    assert!(evaluated.figures.get("confusion").is_none());
    assert!(evaluated.figures["most frequent set"]["micro_f1"].is_number());
    let rival = &evaluated.figures["words and pairs, logistic regression"];
    assert!(rival["micro_f1"].as_f64().unwrap() > 0.9, "{rival}");
    assert_eq!(evaluated.figures["classes"].as_object().unwrap().len(), 3);
    assert!(
        evaluated.verdict.contains("micro f1"),
        "{}",
        evaluated.verdict
    );
    assert!(evaluated.verdict.contains("interval of the difference"));
    let page = evaluated.report(&[], "");
    assert!(page.contains("F1 by class") && page.contains("How often a class holds"));
    assert!(!page.contains("Which class is taken for which"));

    let model = files.open("model").unwrap();
    assert!(model.network().contains("3 classes, several at once"));
    assert!(model.structure().parameters == model.parameters());
    let facts = model.facts();
    assert!(
        facts
            .iter()
            .any(|fact| fact.value.contains("with ; between them"))
    );
    let sources = Sources::files(&model.trained_on(), true);
    let again = model.evaluate(&sources, &Table::new()).unwrap();
    assert_eq!(again.figures, evaluated.figures);

    let text = |text: &str| Source::Text(text.into());
    let sources = Sources {
        of: vec![text("the sun was long art here"), text("the day was long")],
        trained_on: false,
    };
    let mut rows = Collected::default();
    model.predict(&sources, &Table::new(), &mut rows).unwrap();
    let names: Vec<&str> = rows.columns().iter().map(|c| c.name.as_str()).collect();
    assert_eq!(names, ["text", "labels", "p_art", "p_rain", "p_sun"]);
    assert_eq!(rows.rows()[0][1], Cell::from("art;sun"));
    assert_eq!(rows.rows()[1][1], Cell::from(""));
    let mut rows = Collected::default();
    let ask: Table = "top = 2\nexplain = true".parse().unwrap();
    model.predict(&sources, &ask, &mut rows).unwrap();
    let names: Vec<&str> = rows.columns().iter().map(|c| c.name.as_str()).collect();
    let expected = [
        "text",
        "label",
        "probability",
        "label_2",
        "probability_2",
        "words",
    ];
    assert_eq!(names, expected);
    assert!(matches!(&rows.rows()[0][2], Cell::Number(first) if *first > 0.5));
}

#[test]
fn sequences_and_rows_of_several_classes_stand_beside_their_own_simple_rivals() {
    let files = Files::new();
    let small = "steps = 200\nlr = 0.02\nmodel = \"gru\"";
    for (file, rows, kind, rival) in [
        (
            "sequences.csv",
            numbers(240, 9),
            "sequence = \"id\"\nstem = [3]\nfilters = 8",
            "one nearest neighbour",
        ),
        (
            "rows.csv",
            numbers(400, 1),
            "columns = [\"a\", \"b\", \"c\"]\nlabel = \"labels\"",
            "logistic regression",
        ),
    ] {
        let options = files.of_sets(file, &rows, &format!("{small}\n{kind}"));
        let out = format!("of {file}");
        let evaluated = files.train(&out, &options, None, false).evaluated.unwrap();
        let found = figure(&evaluated, "micro_f1");
        assert!(found > 0.9, "{file}: {found}");
        let rival = &evaluated.figures[rival];
        assert!(rival["micro_f1"].as_f64().unwrap() > 0.9, "{file}: {rival}");
        let model = files.open(&out).unwrap();
        let mut predicted = Collected::default();
        let sources = Sources::files(&[files.path(file)], false);
        model
            .predict(&sources, &Table::new(), &mut predicted)
            .unwrap();
        assert_eq!(predicted.columns()[1].name, "labels");
        let again = model.evaluate(&sources, &Table::new()).unwrap();
        assert!(figure(&again, "subset_accuracy") > 0.7);
    }
}

#[test]
fn what_nobody_can_learn_is_refused_and_what_is_odd_is_told() {
    let files = Files::new();
    let options = files.of_sets("sets.tsv", &texts(240), "steps = 2");
    let told = files.remarks(&options);
    let empty = |remark: &String| remark.contains("30 examples have an empty cell of classes");
    assert!(told.iter().any(empty), "{told:?}");
    assert!(
        !told
            .iter()
            .any(|remark| remark.contains("more than one class:"))
    );

    let mut other = options.clone();
    other.insert("label_separator".into(), "|".into());
    let told = files.remarks(&other);
    let never = |remark: &String| remark.contains("`|` stands in none of their cells");
    assert!(told.iter().any(never), "{told:?}");

    other.insert("label_separator".into(), "".into());
    assert!(files.refusal(&other).contains("`label_separator`"));
    let mut folder = options.clone();
    folder.insert("label_from".into(), "folder".into());
    assert!(files.refusal(&folder).contains("`label_from`"));

    let none = "text\tlabels\na b\t\nc d\t\ne f\t\n";
    let refused = files.refusal(&files.of_sets("none.tsv", none, "steps = 2"));
    assert!(refused.contains("`labels` is empty"), "{refused}");
    let same = "text\tlabels\na b\tx;y\nc d\ty;x\ne f\tx;y\n";
    let refused = files.refusal(&files.of_sets("same.tsv", same, "steps = 2"));
    assert!(refused.contains("the same classes (x, y)"), "{refused}");
    let waves = files.options("waves.ts", "label_separator = \";\"");
    assert!(files.refusal(&waves).contains("one for each example"));

    // A class of the test part that the training part lacks.
    fs::write(files.path("test.tsv"), "text\tlabels\na sun\tsun;snow\n").unwrap();
    let mut with_test = options.clone();
    let path = files.path("test.tsv").display().to_string();
    with_test.insert("test".into(), path.into());
    let device = Device::default();
    let training = family("classify").unwrap().prepare(&with_test, &device);
    let error = training.and_then(|mut training| training.plan().map(|_| ()));
    let error = error.expect_err("a refusal").to_string();
    assert!(
        error.contains("line 2") && error.contains("`snow`"),
        "{error}"
    );
}

#[test]
fn a_folder_whose_files_disagree_about_several_classes_is_refused() {
    let files = Files::new();
    let options = files.of_sets("sets.tsv", &texts(240), "steps = 2");
    files.train("model", &options, None, false);
    let place = files.path("model").join("pipeline.json");
    let sound = fs::read_to_string(&place).unwrap();
    let damaged = sound.replacen(
        "\"label_separator\": \";\"",
        "\"label_separator\": \"|\"",
        1,
    );
    assert_ne!(sound, damaged, "{sound}");
    fs::write(&place, damaged).unwrap();
    let error = files.open("model").err().expect("a refusal").to_string();
    assert!(error.contains("`label_separator`"), "{error}");
    // One class each: the folder is as it ever was.
    let options = files.options("texts.tsv", "steps = 2");
    files.train("one", &options, None, false);
    let kept = fs::read_to_string(files.path("one").join("pipeline.json")).unwrap();
    assert!(!kept.contains("label_separator"), "{kept}");
}

#[test]
fn balanced_classes_weigh_as_much_where_they_hold_as_where_they_do_not() {
    let sets = LabelSets {
        classes: ["a", "b", "c"].map(str::to_owned).to_vec(),
        sets: vec![vec![0, 2], vec![2], vec![2], vec![1, 2], vec![0, 2]],
    };
    let truth = Target::Several {
        holds: sets.indicators(),
        classes: 3,
    };
    assert_eq!(Loss::balanced(&sets.counts(), &truth), [1.5, 4.0, 1.0]);
    let one = Target::One(vec![0, 0, 0, 1]);
    let weights = Loss::balanced(&[3, 1], &one);
    assert_eq!(weights, [4.0 / 2.0 / 3.0, 2.0]);
}
