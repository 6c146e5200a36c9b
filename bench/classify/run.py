#!/usr/bin/env python3
"""Accuracy of `ressac train classify` on texts, sequences and sounds, with the defaults alone, over several seeds.

    python3 bench/classify/run.py TASK [--only RUN …] [--seeds 1,2,3] [--folder ../shared/data] [-- options of `train classify`]

    sst2          sentences of film reviews
    ucr           three sets of sequences
    ucr-five      the same, five networks each
    ecg5000       heartbeats, normal or abnormal
    fashion       photos of clothes in ten classes
    sounds        six classes made by `ressac data sounds`, tested on pitches and tempi that the training sounds do not have
    words         zero to nine in English, tested on voices and accents that the training sounds do not have; needs espeak-ng

The data of the first five lie beside the repository (`../shared/data`) and are not part of it. Their splits are the official
ones: the test part decides nothing. `tried.json` lists what was tried to choose the defaults, all on validation data. The
sounds are made here (`sounds.py`); they are evaluated with white noise added to the test part as well.
"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from accuracy import curves, main
from heartbeats import heartbeats
from sounds import NOISES, made_by_ressac, noisy, spoken


def ucr(name, *more):
    return (["--data", f"ucr/{name}_TRAIN.ts", "--test", f"ucr/{name}_TEST.ts", *more], [])


# On halves of JapaneseVowels' training part several networks were right more often than one (`tried.json`).
FIVE = ["--ensemble", "5"]


# Which changes leave the class of these sounds as it is: their makers know that pitch and tempo do.
VARIED = ["--augment-bands", "10", "--augment-stretch", "1.2", "--augment-masks", "0", "--steps", "4040"]

TASKS = {
    "sst2": {"sentences": (["--data", "sst2/train.tsv", "--valid", "sst2/dev.tsv", "--test", "sst2/test.tsv"], [])},
    "ucr": {name: ucr(name) for name in ("JapaneseVowels", "GunPoint", "ItalyPowerDemand")},
    "ucr-five": {f"{name}, five networks": ucr(name, *FIVE) for name in ("JapaneseVowels", "GunPoint", "ItalyPowerDemand")},
    "ecg5000": {
        "normal or abnormal": (["--data", "ecg_train.ts", "--test", "ecg_test.ts"], []),
        "five networks": (["--data", "ecg_train.ts", "--test", "ecg_test.ts", *FIVE], []),
    },
    "fashion": {"images": (["--data", "fashion_mnist/train-images-idx3-ubyte.gz", "--test", "fashion_mnist/t10k-images-idx3-ubyte.gz"], [])},
    "sounds": {
        "defaults": (["--data", "train", "--test", "test"], []),
        "pitch and tempo varied": (["--data", "train", "--test", "test", *VARIED], []),
    },
    "words": {"ten words": (["--data", "train", "--valid", "valid", "--test", "test"], [])},
}
MADE = {"sounds": made_by_ressac, "words": spoken}
NOISE = {f"{noise} dB".replace("-", "−"): ["--data", noisy(noise)] for noise in NOISES}
TRIED = json.loads((Path(__file__).resolve().parent / "tried.json").read_text())
SHOWN = ("accuracy", "macro_f1", "auroc", "ece", "cross_entropy")
RIVALS = ("majority", "words and pairs, logistic regression", "logistic regression", "one nearest neighbour")



def under_noise(record):
    table = curves(record, "accuracy", RIVALS, "no noise")
    return table and f"\nWhite noise added to the test part, so many dB below the mean power of each sound:\n\n{table}"


main(
    __doc__.split("\n")[0], "classify", TASKS, SHOWN, RIVALS, TRIED, under_noise,
    make=heartbeats, made=MADE, further={task: NOISE for task in MADE},
)
