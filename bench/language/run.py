#!/usr/bin/env python3
"""Perplexity of `ressac train language` on public texts.

    python3 bench/language/run.py TASK [--only RUN …] [--seeds 1,2,3] [--folder ../shared/data] [-- options of `train language`]

    ptb           the Penn Treebank in words (Mikolov's version): 10,000 words, an end to each line
    shakespeare   tiny Shakespeare in characters, the last tenth is the test part

The data lie beside the repository (`../shared/data`) and are not part of it. The test part decides nothing. `tried.json` lists
what was tried to choose the options, all on validation data.
"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from accuracy import main

PTB = [
    "--data", "ptb/ptb.train.txt", "--valid", "ptb/ptb.valid.txt", "--test", "ptb/ptb.test.txt",
    "--tokenizer", "spaces", "--batch", "20", "--window", "35",
]
TASKS = {
    "ptb": {
        # As many layers, units and epochs as the small network of Zaremba et al. 2014.
        "2 layers of 200, 13 epochs": (
            [*PTB, "--hidden", "200", "--epochs", "13", "--dropout", "0.3", "--lr", "0.003"],
            [],
        ),
    },
    "shakespeare": {
        "characters": (
            [
                "--data", "tinyshakespeare/input.txt", "--split", "0.87,0.03,0.1", "--hidden", "512", "--dropout", "0.4",
                "--batch", "64", "--steps", "1600", "--lr", "0.003", "--time-limit", "30m",
            ],
            [],
        ),
    },
}
TRIED = json.loads((Path(__file__).resolve().parent / "tried.json").read_text())


def parts(record):
    figures = record["results"][0]["figures"]
    return f"\n{figures['tokens']} tokens in {figures['lines']} lines scored, {figures['unknown']} of them unknown.\n"


main(
    __doc__.split("\n")[0], "language", TASKS, ("perplexity", "nats_per_token", "bits_per_character"),
    ("frequency", "5-grams, Kneser–Ney", "9-grams, Kneser–Ney"), TRIED, parts,
)
