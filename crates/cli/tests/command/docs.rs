//! The pages of `docs/` kept true: both languages show the same commands, every command runs as it is
//! written, every picture is what its command draws, every link leads somewhere.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use burn::tensor::{Device, Tensor};

use crate::harness::{Place, entries};
use crate::truncation;

/// The pages.
const PAGES: [&str; 13] = [
    "README.md",
    "1-neuron.md",
    "10-encoder-decoder.md",
    "11-autoencoder.md",
    "12-gan.md",
    "2-recurrent.md",
    "3-backpropagation.md",
    "4-gradients.md",
    "5-lstm.md",
    "6-gru.md",
    "7-training.md",
    "8-series-to-vector.md",
    "9-text.md",
];
const LANGUAGES: [&str; 2] = ["en", "fr"];
/// How a block of commands that must fail begins.
const FAILS: &str = "sh fails";
/// Pictures that `diagnose` measured instead of `draw` drawing them: they hold for one machine's last digits.
const MEASURED: &str = "gradient-";

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs")
}

fn page(language: &str, name: &str) -> String {
    let path = docs().join(language).join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The fenced blocks of a page: what stands behind the fence, and the lines inside.
fn blocks(text: &str) -> Vec<(&str, Vec<&str>)> {
    let mut blocks = Vec::new();
    let mut open: Option<(&str, Vec<&str>)> = None;
    for line in text.lines() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(kind), None) => open = Some((kind.trim(), Vec::new())),
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (None, Some((_, lines))) => lines.push(line),
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a block is not closed");
    blocks
}

/// A command of a page, and whether the page says that it fails.
#[derive(Debug, PartialEq)]
struct Line {
    /// Without the program's name.
    arguments: String,
    fails: bool,
}

fn commands(text: &str) -> Vec<Line> {
    let mut commands = Vec::new();
    for (kind, lines) in blocks(text) {
        if kind != "sh" && kind != FAILS {
            continue;
        }
        for line in lines {
            let command = line.split(" #").next().unwrap_or_default().trim_end();
            if let Some(arguments) = command.strip_prefix("ressac ") {
                commands.push(Line {
                    arguments: arguments.to_owned(),
                    fails: kind == FAILS,
                });
            }
        }
    }
    commands
}

/// What stands after `--out`.
fn out(arguments: &str) -> Option<&str> {
    arguments
        .split(' ')
        .skip_while(|word| *word != "--out")
        .nth(1)
}

/// What a command draws, and the file it draws into.
fn drawn(arguments: &str) -> Option<(&str, &str)> {
    let mut words = arguments.split(' ');
    if words.next() != Some("draw") {
        return None;
    }
    let file = out(arguments).unwrap_or_else(|| panic!("no --out in `ressac {arguments}`"));
    Some((words.next()?, file))
}

/// The same training for one step: a drawing shows layers and sizes, whatever was learnt.
fn one_step(arguments: &str) -> String {
    let mut words = arguments.split(' ');
    let mut kept = Vec::new();
    while let Some(word) = words.next() {
        match word {
            "--steps" | "--epochs" => drop(words.next()),
            word => kept.push(word),
        }
    }
    format!("{} --steps 1", kept.join(" "))
}

/// The committed picture of a drawing: `neuron.svg` is `pictures/neuron.en.svg` on an English page.
fn picture(language: &str, file: &str) -> String {
    let name = file.strip_suffix(".svg");
    let name = name.unwrap_or_else(|| panic!("{file} does not end in .svg"));
    format!("{name}.{language}.svg")
}

/// Runs the commands of an English page in order, in a folder where the data is; gives what they printed.
fn run(name: &str) -> String {
    let place = Place::new();
    for line in commands(&page("en", "README.md")) {
        place.run(&line.arguments).succeeded();
    }
    let lines = commands(&page("en", name));
    assert!(!lines.is_empty(), "{name} shows no command");
    let mut printed = String::new();
    for line in lines {
        println!("ressac {}", line.arguments);
        let ran = place.run(&line.arguments);
        printed.push_str(&ran.out);
        match line.fails {
            false => drop(ran.succeeded()),
            true => ran.refused(1, &["loss", "step"]),
        }
    }
    printed
}

/// Asserts that figures stand on both pages and in what the commands printed: each as English, French, and printed.
#[track_caller]
fn quoted(name: &str, printed: &str, figures: &[[&str; 3]]) {
    let pages = LANGUAGES.map(|language| page(language, name).replace('\n', " "));
    for [english, french, in_output] in figures {
        assert!(pages[0].contains(english), "en/{name} lacks {english:?}");
        assert!(pages[1].contains(french), "fr/{name} lacks {french:?}");
        assert!(
            printed.contains(in_output),
            "{name} quotes {english:?}, and no command printed {in_output:?} but\n{printed}"
        );
    }
}

#[test]
fn the_commands_of_the_page_on_the_recurrent_neuron_run_as_written() {
    run("2-recurrent.md");
}

#[test]
fn the_commands_of_the_page_on_gradients_run_as_written_or_fail_where_it_says_so() {
    let name = "4-gradients.md";
    let figures = [
        ["after 10 steps", "au bout de 10 pas", "after 10 steps"],
        ["after 31 steps", "au bout de 31 pas", "after 31 steps"],
    ];
    quoted(name, &run(name), &figures);
}

#[test]
fn the_commands_of_the_page_on_the_lstm_run_as_written() {
    let name = "5-lstm.md";
    let figures = [
        ["after 20 steps", "au bout de 20 pas", "after 20 steps"],
        ["after 42 steps", "au bout de 42 pas", "after 42 steps"],
        [
            "0.22 left at the oldest",
            "0,22 au plus ancien",
            "0.22 left at the oldest step",
        ],
    ];
    quoted(name, &run(name), &figures);
}

#[test]
fn the_commands_of_the_page_on_the_gru_run_as_written() {
    run("6-gru.md");
}

#[test]
fn the_commands_of_the_page_on_training_run_as_written() {
    run("7-training.md");
}

#[test]
fn the_commands_of_the_page_on_classes_run_as_written() {
    run("8-series-to-vector.md");
}

#[test]
fn the_commands_of_the_page_on_text_run_as_written() {
    run("9-text.md");
}

#[test]
fn the_commands_of_the_page_on_encoders_and_decoders_run_as_written() {
    run("10-encoder-decoder.md");
}

#[test]
fn the_commands_of_the_page_on_autoencoders_run_as_written() {
    run("11-autoencoder.md");
}

#[test]
fn the_commands_of_the_page_on_adversarial_networks_run_as_written() {
    run("12-gan.md");
}

#[test]
fn both_languages_have_the_same_pages_with_the_same_commands() {
    for language in LANGUAGES {
        let found = entries(&docs().join(language));
        assert_eq!(
            found.iter().map(String::as_str).collect::<BTreeSet<_>>(),
            BTreeSet::from(PAGES),
            "{language}"
        );
    }
    for name in PAGES {
        let english = commands(&page("en", name));
        let mut french = commands(&page("fr", name));
        for line in &mut french {
            let is_drawing = line.arguments.starts_with("draw ");
            let in_french = line.arguments.contains(" --lang fr ");
            assert_eq!(
                is_drawing, in_french,
                "{name}: `ressac {}`: drawings of a French page, and they alone, take --lang fr",
                line.arguments
            );
            line.arguments = line.arguments.replace(" --lang fr ", " ");
        }
        assert_eq!(english, french, "{name}");
    }
}

#[test]
fn every_picture_is_what_its_command_draws_and_stands_on_its_page() {
    let committed: BTreeSet<String> = entries(&docs().join("pictures"))
        .into_iter()
        .filter(|name| name.ends_with(".svg"))
        .collect();
    let list = fs::read_to_string(docs().join("pictures/README.md")).unwrap();
    let listed = commands(&list);
    let (mut shown, mut made) = (BTreeSet::new(), BTreeSet::new());
    let place = Place::new();
    for line in commands(&page("en", "README.md")) {
        place.run(&line.arguments).succeeded();
        made.insert(line.arguments);
    }
    for language in LANGUAGES {
        for name in PAGES {
            let text = page(language, name);
            let commands = commands(&text);
            let drawings = || commands.iter().filter_map(|line| drawn(&line.arguments));
            for Line { arguments, .. } in &commands {
                let makes_data = arguments.starts_with("data ");
                if makes_data && made.insert(arguments.clone()) {
                    place.run(arguments).succeeded();
                }
                let is_drawn = |folder| drawings().any(|(what, _)| what == folder);
                let trains = arguments.starts_with("train ");
                if let (true, Some(folder)) = (trains, out(arguments).filter(|out| is_drawn(*out)))
                    && !place.path(folder).exists()
                {
                    place.run(&one_step(arguments)).succeeded();
                }
                let Some((_, file)) = drawn(arguments) else {
                    continue;
                };
                place.run(arguments).succeeded();
                let drawing = fs::read(place.path(file)).unwrap();
                fs::remove_file(place.path(file)).unwrap();
                let picture = picture(language, file);
                let again = arguments.replace(file, &format!("docs/pictures/{picture}"));
                let kept = fs::read(docs().join("pictures").join(&picture)).unwrap_or_default();
                assert!(
                    drawing == kept,
                    "docs/pictures/{picture} is not what the command draws; make it again, at the root: ressac {again}"
                );
                assert!(
                    text.contains(&format!("](../pictures/{picture})")),
                    "{language}/{name} does not show {picture}"
                );
                assert!(
                    listed.iter().any(|line| line.arguments == again),
                    "docs/pictures/README.md does not list: ressac {again}"
                );
                shown.insert(picture);
            }
            for picture in committed.iter().filter(|name| name.starts_with(MEASURED)) {
                if text.contains(&format!("](../pictures/{picture})")) {
                    assert!(list.contains(picture), "README.md does not name {picture}");
                    shown.insert(picture.clone());
                }
            }
        }
    }
    assert_eq!(shown, committed, "pictures shown, and pictures committed");
}

#[test]
fn every_link_of_the_pages_leads_to_a_file_and_to_a_heading() {
    let pages = LANGUAGES.iter().flat_map(|language| {
        let name = move |page| format!("{language}/{page}");
        PAGES.iter().map(name)
    });
    for name in pages.chain(["README.md".into(), "pictures/README.md".into()]) {
        let path = docs().join(&name);
        let text = fs::read_to_string(&path).unwrap();
        let links = text
            .match_indices("](")
            .filter_map(|(at, _)| text[at + 2..].split_once(')'))
            .map(|(target, _)| target)
            .filter(|target| !target.contains("://"));
        for link in links {
            let (file, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = path.with_file_name(file);
            assert!(target.exists(), "{name}: {link} leads to no file");
            if !heading.is_empty() {
                let target = fs::read_to_string(&target).unwrap();
                assert!(
                    anchors(&target).any(|anchor| anchor == heading),
                    "{name}: {link} leads to no heading"
                );
            }
        }
    }
}

/// The headings of a page as code hosts name them.
fn anchors(text: &str) -> impl Iterator<Item = String> {
    let headings = text.lines().filter(|line| line.starts_with('#'));
    headings.map(|line| {
        let words = line.trim_start_matches('#').trim().to_lowercase();
        words
            .chars()
            .filter(|letter| letter.is_alphanumeric() || " -_".contains(*letter))
            .map(|letter| if letter == ' ' { '-' } else { letter })
            .collect()
    })
}

#[test]
fn the_rust_program_on_the_page_about_training_is_the_one_that_is_tested() {
    let source = include_str!("truncation.rs");
    let (_, program) = source.split_once("\n\n").unwrap();
    let program = program.replace("pub(crate) fn", "fn");
    for language in LANGUAGES {
        let text = page(language, "7-training.md");
        let shown = blocks(&text)
            .into_iter()
            .find(|(kind, _)| *kind == "rust")
            .map(|(_, lines)| lines.join("\n"));
        assert_eq!(shown.as_deref(), Some(program.trim_end()), "{language}");
    }
}

#[test]
fn the_code_beside_the_derivation_is_the_code_that_runs() {
    let plain = |text: &str| {
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        lines.join("\n")
    };
    for language in LANGUAGES {
        let text = page(language, "3-backpropagation.md");
        let sources: Vec<String> = text
            .match_indices("](../../crates/")
            .filter_map(|(at, _)| text[at + 2..].split_once(')'))
            .filter_map(|(file, _)| fs::read_to_string(docs().join(language).join(file)).ok())
            .map(|source| plain(&source))
            .collect();
        let mut count = 0;
        for (kind, lines) in blocks(&text) {
            if kind == "rust" {
                let shown = plain(&lines.join("\n"));
                assert!(
                    sources.iter().any(|source| source.contains(&shown)),
                    "{language}: no file that the page links to holds\n{shown}"
                );
                count += 1;
            }
        }
        assert_eq!(count, 5, "{language}");
    }
}

#[test]
fn the_truncated_training_learns_a_delay_across_its_chunks() {
    // Asked for at every step: what was read the step before. At a chunk's first step only the carried
    // state knows that.
    let device = Device::default().autodiff();
    let (batch, time, chunks) = (4, 5, 200);
    let value = |row: usize, step: usize| ((7 * row + 13 * step * step) % 11) as f32 / 11.0 - 0.5;
    let chunk = |number: usize| {
        let at = |delay: usize, width: usize| {
            let values: Vec<f32> = (0..batch * time * width)
                .map(|place| {
                    let (row, step) = (place / width / time, place / width % time);
                    value(row, number * time + step + 1 - delay)
                })
                .collect();
            Tensor::<1>::from_floats(values.as_slice(), &device).reshape([batch, time, width])
        };
        [at(0, 1), at(1, 8)]
    };
    let losses = truncation::train((0..chunks).map(chunk).collect(), &device).unwrap();
    let mean = |part: &[f32]| part.iter().sum::<f32>() / part.len() as f32;
    let (first, last) = (mean(&losses[..10]), mean(&losses[chunks - 10..]));
    // One step in five is a chunk's first: without the carried state a fifth of the loss would stay.
    println!("from {first} to {last}");
    assert!(last < 0.1 * first, "from {first} to {last}");
}
