#!/usr/bin/env python3
"""The same training in Ressac and in PyTorch, in turns: wall time and test error on ETTh1.

    python3 bench/forecast/beside_torch.py [--rounds 3] [--epochs 5] [--python PYTHON] [--folder ../shared/data]

The segment forecaster, 96 and 720 hours in, 96 out: the same network, windows, batch, optimiser, schedule and number of
steps on both sides, two threads each, one after the other; validation after each epoch is in the time, starting the
programs and reading the file is not.
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

SHAPES = [
    # context, horizon, segment, hidden, dropout
    (96, 96, 48, 128, 0.3),
    (720, 96, 48, 128, 0.5),
    (96, 96, 48, 512, 0.5),
]
BATCH, LR = 32, 2e-3


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--python", help="a Python with torch and numpy, instead of bench/.venv")
    parser.add_argument("--folder", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--no-record", action="store_true")
    options = parser.parse_args()
    data = options.folder / "etth1" / "ETTh1.csv"
    if not data.is_file():
        sys.exit(f"{data} is not there: give --folder the data sets")
    python, program, threads = python_with_torch(options.python), build(), os.cpu_count()
    record = {**provenance(), "machine": machine(), "threads": threads, "results": []}
    lines = [
        "| context, hidden | Ressac, s | PyTorch, s | PyTorch / Ressac | Ressac mse | PyTorch mse |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for context, horizon, segment, hidden, dropout in SHAPES:
        rounds = []
        for seed in range(1, options.rounds + 1):
            with tempfile.TemporaryDirectory() as folder:
                out = Path(folder) / "model"
                ours = ressac(
                    program, "train", "forecast", "--data", data, "--split", "8640,2880,2880", "--model", "segment",
                    "--loss", "mae", "--context", context, "--horizon", horizon, "--segment", segment, "--hidden",
                    hidden, "--dropout", dropout, "--batch", BATCH, "--epochs", options.epochs, "--lr", LR,
                    "--patience", 0, "--seed", seed, "--threads", threads, "--out", out, "--json",
                )
            peer = subprocess.run(
                [python, Path(__file__).with_name("peer_torch.py"), data, *map(str, (context, horizon, segment, hidden)),
                 *map(str, (dropout, BATCH, options.epochs, LR, seed, threads))],
                stdout=subprocess.PIPE, text=True, check=True,
            )
            theirs = json.loads(peer.stdout)
            if ours["steps"] != theirs["steps"]:
                sys.exit(f"{ours['steps']} steps beside {theirs['steps']}: not the same training")
            rounds.append({"ressac": ours, "torch": theirs})
            print(f"{context}, {hidden}, seed {seed}: {ours['seconds']:.1f} s, {theirs['seconds']:.1f} s", file=sys.stderr)
        record["results"].append({"context": context, "hidden": hidden, "rounds": rounds})
        mean = {
            (side, key): statistics.mean(round[side][key] for round in rounds)
            for side in ("ressac", "torch") for key in ("seconds", "mse")
        }
        ratio = mean["torch", "seconds"] / mean["ressac", "seconds"]
        lines.append(
            f"| {context}, {hidden} | {mean['ressac', 'seconds']:.1f} | {mean['torch', 'seconds']:.1f} | {ratio:.2f} | "
            f"{mean['ressac', 'mse']:.3f} | {mean['torch', 'mse']:.3f} |"
        )
    table = "\n".join(lines) + f"\n\nMeans of {options.rounds} rounds of {options.epochs} epochs; {threads} threads.\n"
    print(table)
    if not options.no_record:
        write_record("forecast-beside-torch", record, table)


main()
