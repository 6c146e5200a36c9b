#!/usr/bin/env python3
"""The same classifier of texts trained in Ressac and in PyTorch, in turns: wall time and test accuracy on SST-2.

    python3 bench/classify/beside_torch.py [--rounds 3] [--epochs 3] [--only lstm gru] [--python PYTHON]

Embedding of 100, one layer of 64 units in both directions, the largest values over time, softmax; the same batches by
length, dropout, clipping, schedule and number of steps on both sides, and as many threads as the machine has cores, one
side after the other; validation after each epoch is in the time, starting the programs and reading the files is not. PyTorch is
given four ways (packed or padded sequences; all parameters by the fused AdamW, or the table of words by SparseAdam) and
the fastest of each round counts; `padded` lets the reverse direction read padding and so is not quite the same network.

The table of 100,000 words: each text of SST-2 nine times, the words of each copy marked as its own. `ema`: both sides
keep an exponential average of the weights, as Ressac does by default.

The classes of the test part: the whole command `ressac predict`, from its start to its end, beside the bare loop of a
PyTorch that is already running.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from environment import ROOT, build, machine, provenance, python_with_torch, ressac, write_record

COPIES, LARGE = 9, 100_000
CASES = {
    # cell, most words, steps (0: the epochs), average
    "lstm": ("lstm", 20_000, 0, "none"),
    "gru": ("gru", 20_000, 0, "none"),
    "lstm, 100,000 words": ("lstm", LARGE, 300, "none"),
    "gru, 100,000 words": ("gru", LARGE, 300, "none"),
    "lstm, ema": ("lstm", 20_000, 0, "0.99"),
    "lstm, 100,000 words, ema": ("lstm", LARGE, 300, "0.99"),
}
WAYS = [("packed", "dense"), ("packed", "sparse"), ("padded", "dense"), ("padded", "sparse")]
PARTS = ("train.tsv", "dev.tsv", "test.tsv")


def enlarge(folder, out):
    """The parts with more words: copies of the texts to train on, those to validate and test on as in the first copy."""
    def marked(line, copy):
        text, label = line.rsplit("\t", 1)
        return " ".join(f"{word}x{copy}" if word.isalnum() else word for word in text.split()) + f"\t{label}\n"

    for part in PARTS:
        lines = (folder / part).read_text().splitlines()
        copies = range(COPIES if part == "train.tsv" else 1)
        (out / part).write_text("".join(marked(line, copy) for copy in copies for line in lines))


def ours(program, data, case, options, seed, threads, folder):
    cell, words, steps, average = case
    length = ["--steps", steps, "--validate-every", steps] if steps else ["--epochs", options.epochs]
    out = Path(tempfile.mkdtemp(dir=folder)) / "model"
    trained = ressac(
        program, "train", "classify", "--data", data / "train.tsv", "--valid", data / "dev.tsv", "--test", data / "test.tsv",
        "--model", cell, "--words", words, *length, "--averaging", average if average == "none" else f"ema:{average}",
        "--patience", 0, "--seed", seed, "--threads", threads, "--out", out,  "--json",
    )
    predict = []
    for _ in range(3):
        start = time.perf_counter()
        ressac(program, "predict", out, "--data", data / "test.tsv", "--out", Path(folder) / "predicted.csv")
        predict.append(time.perf_counter() - start)
    evaluated = ressac(program, "evaluate", out, "--json")
    return {**trained, "predict": min(predict), "accuracy": evaluated["accuracy"]}


def theirs(python, data, case, options, seed, threads, way):
    cell, words, steps, average = case
    peer = subprocess.run(
        [python, Path(__file__).with_name("peer_torch.py"), data,
         *map(str, (cell, words, steps, options.epochs, average, seed, threads)), *way],
        stdout=subprocess.PIPE, text=True, check=True,
    )
    return json.loads(peer.stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--only", nargs="+", choices=CASES, default=list(CASES), metavar="CASE")
    parser.add_argument("--python", help="a Python with torch and numpy, instead of bench/.venv")
    parser.add_argument("--program", help="a built `ressac`, instead of building it")
    parser.add_argument("--folder", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--no-record", action="store_true")
    options = parser.parse_args()
    data = options.folder / "sst2"
    if not data.is_dir():
        sys.exit(f"{data} is not there: give --folder the data sets")
    python, program, threads = python_with_torch(options.python), options.program or build(), os.cpu_count()
    record = {**provenance(), "machine": machine(), "threads": threads, "results": []}
    lines = [
        "| | Ressac, s | PyTorch, s | PyTorch / Ressac | fastest way | accuracy, Ressac | PyTorch | predict, ratio |",
        "|---|---:|---:|---:|---|---:|---:|---:|",
    ]
    with tempfile.TemporaryDirectory() as folder:
        large = Path(folder) / "large"
        large.mkdir()
        enlarge(data, large)
        for name in options.only:
            case = CASES[name]
            at = large if case[1] == LARGE else data
            rounds = []
            for seed in range(1, options.rounds + 1):
                round = {"ressac": ours(program, at, case, options, seed, threads, folder), "torch": {}}
                for way in WAYS:
                    round["torch"][", ".join(way)] = found = theirs(python, at, case, options, seed, threads, way)
                    if found["steps"] != round["ressac"]["steps"]:
                        sys.exit(f"{round['ressac']['steps']} steps beside {found['steps']}: not the same training")
                rounds.append(round)
                seconds = {way: f"{found['seconds']:.2f}" for way, found in round["torch"].items()}
                print(f"{name}, seed {seed}: {round['ressac']['seconds']:.2f} s, {seconds}", file=sys.stderr)
            record["results"].append({"case": name, "rounds": rounds})
            lines.append(line(name, rounds))
    table = "\n".join(lines) + f"\n\nMedians of {options.rounds} rounds; {threads} threads; `ema` is with an average on both sides.\n"
    print(table)
    if not options.no_record:
        write_record("classify-beside-torch", record, table)


def line(name, rounds):
    best = [min(round["torch"].items(), key=lambda way: way[1]["seconds"]) for round in rounds]
    way = statistics.mode(way for way, _ in best)
    middle = lambda key: (statistics.median(round["ressac"][key] for round in rounds), statistics.median(found[key] for _, found in best))
    seconds, accuracy = middle("seconds"), middle("accuracy")
    predict = statistics.median(min(found["predict"] for found in round["torch"].values()) / round["ressac"]["predict"] for round in rounds)
    ratio = statistics.median(found["seconds"] / round["ressac"]["seconds"] for round, (_, found) in zip(rounds, best))
    return (
        f"| {name} | {seconds[0]:.2f} | {seconds[1]:.2f} | {ratio:.2f} | {way} | {100 * accuracy[0]:.1f} % | "
        f"{100 * accuracy[1]:.1f} % | {predict:.2f} |"
    )


main()
