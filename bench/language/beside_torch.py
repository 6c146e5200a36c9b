#!/usr/bin/env python3
"""The same language model trained in Ressac and in PyTorch, in turns: wall time and test perplexity on the Penn Treebank.

    python3 bench/language/beside_torch.py [--rounds 3] [--epochs 1] [--hidden 200] [--layers 2] [--python PYTHON]

Words, an LSTM with the vectors of words tied to the output layer, 20 streams, windows of 35 steps; the same dropout, clipping, schedule and
average on both sides, and as many threads as the machine has cores, one side after the other; validation after each epoch is in the time,
starting the programs and reading the files is not.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from environment import ROOT, build, machine, provenance, python_with_torch, ressac, write_record


def ours(program, data, options, seed, threads, folder):
    out = Path(tempfile.mkdtemp(dir=folder)) / "model"
    files = [argument for part, flag in (("train", "--data"), ("valid", "--valid"), ("test", "--test"))
             for argument in (flag, data / f"ptb.{part}.txt")]
    trained = ressac(
        program, "train", "language", *files, "--tokenizer", "spaces", "--batch", 20, "--window", 35, "--hidden", options.hidden,
        "--layers", options.layers, "--epochs", options.epochs, "--dropout", 0.3, "--lr", 0.003, "--patience", 0,
        "--seed", seed, "--threads", threads, "--out", out, "--json",
    )
    return {**trained, "perplexity": ressac(program, "evaluate", out, "--json")["perplexity"]}


def theirs(python, data, options, seed, threads):
    numbers = (options.hidden, options.layers, options.epochs, seed, threads)
    peer = [python, Path(__file__).with_name("peer_torch.py"), data, *map(str, numbers)]
    return json.loads(subprocess.run(peer, stdout=subprocess.PIPE, text=True, check=True).stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--hidden", type=int, default=200)
    parser.add_argument("--layers", type=int, default=2)
    parser.add_argument("--python", help="a Python with torch and numpy, instead of bench/.venv")
    parser.add_argument("--program", help="a built `ressac`, instead of building it")
    parser.add_argument("--folder", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--no-record", action="store_true")
    options = parser.parse_args()
    data = options.folder / "ptb"
    if not data.is_dir():
        sys.exit(f"{data} is not there: give --folder the data sets")
    python, program, threads = python_with_torch(options.python), options.program or build(), os.cpu_count()
    record = {**provenance(), "machine": machine(), "threads": threads, "rounds": []}
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(1, options.rounds + 1):
            round = {"ressac": ours(program, data, options, seed, threads, folder), "torch": theirs(python, data, options, seed, threads)}
            record["rounds"].append(round)
            print(f"seed {seed}: {round['ressac']['seconds']:.1f} s, {round['torch']['seconds']:.1f} s", file=sys.stderr)
    middle = lambda side, key: statistics.median(round[side][key] for round in record["rounds"])
    ratio = statistics.median(round["torch"]["seconds"] / round["ressac"]["seconds"] for round in record["rounds"])
    steps = [record["rounds"][0][side]["steps"] for side in ("ressac", "torch")]
    table = (
        "| | Ressac, s | PyTorch, s | PyTorch / Ressac | perplexity, Ressac | PyTorch |\n|---|---:|---:|---:|---:|---:|\n"
        f"| {options.layers} layers of {options.hidden}, {options.epochs} epochs | {middle('ressac', 'seconds'):.1f} | "
        f"{middle('torch', 'seconds'):.1f} | {ratio:.2f} | {middle('ressac', 'perplexity'):.1f} | {middle('torch', 'perplexity'):.1f} |\n\n"
        f"Medians of {options.rounds} rounds; {threads} threads; {steps[0]} and {steps[1]} steps.\n"
    )
    print(table)
    if not options.no_record:
        write_record(f"language-beside-torch-{options.hidden}", record, table)


if __name__ == "__main__":
    main()
