#!/usr/bin/env python3
"""What an autoencoder reaches: finding what is unusual, and writing images again.

    bench/autoencode/run.py ecg5000            # heartbeats: abnormal ones found after learning from normal ones alone
    bench/autoencode/run.py fashion --seeds 1  # photos of clothes through a code of 32 numbers
    bench/autoencode/run.py one-class --seeds 1  # each class of clothes in turn as the normal one
    bench/autoencode/run.py nab                # series of the Numenta anomaly benchmark, file by file
    bench/autoencode/run.py alarms             # false alarms asked for and got, on parts made by `ressac data parts`

The data of the first four lie beside the repository (`../shared/data`) and are not part of it; their splits are the official ones: the test
part decides nothing. `tried.json` lists what was tried, all on validation data. What is unusual in ECG5000 is not in the
training: the 208 abnormal beats of the official 500 were looked at to choose, as said in `tried.json`.
"""

import json
import statistics
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import nab
from accuracy import main, shown
from environment import ROOT
from heartbeats import heartbeats

CLASSES = ["T-shirt", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"]
IMAGES = ["--data", "fashion_mnist/train-images-idx3-ubyte.gz", "--test", "fashion_mnist/t10k-images-idx3-ubyte.gz"]
BEATS = ["--data", "ecg_train.ts", "--test", "ecg_test.ts", "--normal", "normal"]
# Small held-back and validation parts: nothing is to be found in the images, and what is learnt from counts.
ALL = ["--held-back", "0.02", "--split", "0.95,0.05,0"]


def parts(program, folder):
    for seed, name in ((11, "train"), (12, "test")):
        subprocess.run([program, "data", "parts", "--out", folder / name, "--count", "24000", "--seed", str(seed)], check=True)
    return {}


# The first 15 % of a file are learnt from (and held back, and validated on), all of it is scored, as the benchmark has it; rows within
# a window are none to learn from.
BEFORE = ["--label", "label", "--normal", "0", "--split", "0.11,0.04,0.85", "--held-back", "0.3"]
SERIES = [nab.short(name) for name in nab.labelled(ROOT.parent / "shared" / "data")] if (ROOT.parent / "shared" / "data" / "nab").is_dir() else []


TASKS = {
    "ecg5000": {
        "official 500": ([*BEATS, "--widths", "32,16,2"], []),
        "defaults": (BEATS, []),
        "most normal beats, defaults": (["--data", "ecg_all.ts", "--normal", "normal"], ["--alarms", "1/50"]),
        "most normal beats": (["--data", "ecg_all.ts", "--normal", "normal", "--widths", "32,16,2"], ["--alarms", "1/50"]),
    },
    "fashion": {
        "convolutional, 4 min": ([*IMAGES, *ALL, "--time-limit", "4m"], []),
        "convolutional, 10 min": ([*IMAGES, *ALL, "--steps", "9500", "--time-limit", "10m"], []),
        "dense, 4 min": ([*IMAGES, *ALL, "--model", "dense", "--steps", "12000", "--time-limit", "4m"], []),
        "variational": ([*IMAGES, *ALL, "--variational", "yes", "--time-limit", "4m"], []),
    },
    "one-class": {name: ([*IMAGES, "--normal", str(at)], []) for at, name in enumerate(CLASSES)},
    "nab": {name: (["--data", name, *BEFORE], ["--data", name, "--part", "all"]) for name in SERIES},
    "alarms": {"parts": (["--data", "train/parts.csv", "--test", "test/parts.csv", "--label", "state", "--normal", "normal"], [])},
}
RATES = {"alarms": {f"alarms {rate}": ["--alarms", rate] for rate in ("1/1000", "1/100", "1/20")}}
TRIED = json.loads((Path(__file__).resolve().parent / "tried.json").read_text())
SHOWN = ("auroc", "vus_pr", "nab", "average_precision", "accuracy", "f1", "mse", "psnr", "elbo")


def make(data, task, folder):
    nab.series(data, folder) if task == "nab" else heartbeats(data, task, folder)


def over_files(record):
    """Means over the files of each method, and on how many of them the model is the best."""
    files = {}
    for result in record["results"]:
        files.setdefault(result["run"], []).append(result["figures"])
    keys = ("auroc", "vus_pr", "nab")
    of_model = {key: {file: statistics.mean(f[key] for f in figures) for file, figures in files.items()} for key in keys}
    methods = {"model": of_model}
    for file, figures in files.items():
        for name, of in figures[0].items():
            if isinstance(of, dict) and "auroc" in of:
                # The neighbour is named by how many it looks at, components by how many there are.
                name = "principal components, as many as the code" if "principal" in name and "sub" not in name else name.split(" among")[0]
                for key in keys:
                    methods.setdefault(name, {}).setdefault(key, {})[file] = of[key]
    lines = [f"Mean over {len(files)} files, and the files on which the model is better:", "", "| | auroc | vus-pr | nab |", "|---|---:|---:|---:|"]
    for name, figures in methods.items():
        cells = []
        for key in keys:
            cell = shown(statistics.mean(figures[key].values()), key)
            if name != "model":
                cell += f" ({sum(of_model[key][file] > value for file, value in figures[key].items())} of {len(files)})"
            cells.append(cell)
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n" + "\n".join(lines) + "\n"


def after(record):
    return over_files(record) if "vus_pr" in record["results"][0]["figures"] else alarms(record)


def alarms(record):
    """The rates asked for beside those got."""
    lines = []
    for result in record["results"]:
        for condition, figures in result.get("further", {}).items():
            counts = figures["false_alarm_counts"]
            share = 100 * counts["got"] / counts["of"]
            least, most = counts["expected"]
            inside = "inside" if least <= counts["got"] <= most else "OUTSIDE"
            lines.append(
                f"- seed {result['seed']}, {condition}: {counts['got']} of {counts['of']} normal parts ({share:.2f} %); "
                f"{least} to {most} are to be expected (95 %): {inside}"
            )
    return lines and "\n" + "\n".join(lines) + "\n" or ""


main(
    __doc__.split("\n")[0], "autoencode", TASKS, SHOWN, None, TRIED, after,
    make=make, made={"alarms": parts}, further=RATES,
)
