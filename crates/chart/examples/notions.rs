//! Every notion in its forms as files, to be looked at after a change:
//! `cargo run -p ressac-chart --example notions FOLDER`, then open them light and dark.

use std::path::PathBuf;

use ressac_chart::notion::{Gates, Notion, Reset, Steps};
use ressac_chart::{Language, Sketch};

fn main() -> std::io::Result<()> {
    let folder = PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| "notions".into()));
    std::fs::create_dir_all(&folder)?;
    let some = Steps::new(4);
    let drawings = [
        ("neuron", Notion::Neuron),
        ("recurrent", Notion::Recurrent(None)),
        ("recurrent-4", Notion::Recurrent(some)),
        ("rnn", Notion::Rnn(None)),
        ("rnn-4", Notion::Rnn(some)),
        ("lstm", Notion::Lstm(Gates::Hidden, None)),
        ("lstm-cell", Notion::Lstm(Gates::Cell, None)),
        ("lstm-peephole", Notion::Lstm(Gates::Peephole, None)),
        ("lstm-4", Notion::Lstm(Gates::Hidden, some)),
        ("lstm-cell-4", Notion::Lstm(Gates::Cell, some)),
        (
            "lstm-12",
            Notion::Lstm(Gates::Hidden, Steps::new(Steps::MOST)),
        ),
        ("gru", Notion::Gru(Reset::After, None)),
        ("gru-before", Notion::Gru(Reset::Before, None)),
        ("gru-1", Notion::Gru(Reset::After, Steps::new(1))),
        ("mappings", Notion::Mappings),
        ("autoencoder", Notion::Autoencoder),
        ("gan", Notion::Gan),
    ];
    for language in [Language::English, Language::French] {
        for (name, notion) in drawings {
            let sketch: Sketch = notion.sketch(language);
            let file = folder.join(format!("{name}.{}.svg", language.code()));
            std::fs::write(file, sketch.file())?;
        }
    }
    Ok(())
}
