#!/usr/bin/env python3
"""BLEU of `ressac train translate` on public pairs, with and without attention.

    python3 bench/translate/run.py TASK [--only RUN …] [--seeds 1,2,3] [--folder ../shared/data] [-- options of `train translate`]

    multi30k      captions of photos, English to French: 29,000 pairs, tested on test_2016_flickr

The data lie beside the repository (`../shared/data`) and are not part of it. The splits are the official ones: the test part
decides nothing. `tried.json` lists what was tried to choose the options, all on the validation part.
"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from accuracy import main


def files(part):
    return [f"multi30k_en_fr/{part}.en", f"multi30k_en_fr/{part}.fr"]


DATA = ["--data", *files("train"), "--valid", *files("val"), "--test", *files("test_2016_flickr")]
# Within the hour that the target allows, on two quiet cores.
WITHIN = ["--words", "4000", "--steps", "7000", "--dropout", "0.3", "--lr", "0.003", "--patience", "0", "--time-limit", "60m"]
TASKS = {
    "multi30k": {
        "attention": ([*DATA, *WITHIN, "--attention", "bahdanau"], []),
        "no attention": ([*DATA, *WITHIN, "--attention", "none"], []),
    },
}
TRIED = json.loads((Path(__file__).resolve().parent / "tried.json").read_text())


def by_length(record):
    """BLEU over the words of the source."""
    results = record["results"]
    words = [of["words"] for of in results[0]["figures"]["by_length"]]
    lines = [f"| BLEU by words of the source | {' | '.join(words)} |", f"|---|{'---:|' * len(words)}"]
    for result in results:
        cells = " | ".join(f"{of['bleu']:.1f}" for of in result["figures"]["by_length"])
        lines.append(f"| {result['run']}, seed {result['seed']} | {cells} |")
    return "\n" + "\n".join(lines) + f"\n\n{results[0]['figures']['signature']}, beam {results[0]['figures']['beam']}.\n"


main(
    __doc__.split("\n")[0], "translate", TASKS, ("bleu", "chrf", "perplexity"),
    ("source as it is", "word by word, IBM model 1", "most similar training source"), TRIED, by_length,
)
