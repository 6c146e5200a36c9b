#!/usr/bin/env python3
"""Accuracy of `ressac train classify` on public texts and sequences, with the defaults alone, over several seeds.

The data lie beside the repository (`../shared/data`) and are not part of it. The splits are the official ones: the test
part decides nothing. `tried.json` lists what was tried to choose the defaults, all on validation data.
"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from accuracy import main


def ucr(name):
    return (["--data", f"ucr/{name}_TRAIN.ts", "--test", f"ucr/{name}_TEST.ts"], [])


TASKS = {
    "sst2": {"sentences": (["--data", "sst2/train.tsv", "--valid", "sst2/dev.tsv", "--test", "sst2/test.tsv"], [])},
    "ucr": {name: ucr(name) for name in ("JapaneseVowels", "GunPoint", "ItalyPowerDemand")},
}
TRIED = json.loads((Path(__file__).resolve().parent / "tried.json").read_text())
SHOWN = ("accuracy", "macro_f1", "auroc", "ece", "cross_entropy")
RIVALS = ("majority", "words and pairs, logistic regression", "one nearest neighbour")

main(__doc__.split("\n")[0], "classify", TASKS, SHOWN, RIVALS, TRIED)
