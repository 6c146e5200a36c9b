#!/usr/bin/env python3
"""ETTh1, seven variables, 96 hours in, 24 out: three seeds, test error and training time.

    python3 bench/forecast/etth1.py [--data FILE] [--seeds 1,2,3] [-- further options of `train forecast`]

Split 8640 / 2880 / 2880 rows, every window of the test part, errors on z-scores of the training part. The file is
https://github.com/zhouhaoyi/ETDataset (ETT-small/ETTh1.csv). The published LSTM baseline of the Informer paper (Zhou et
al. 2021, table 2: LSTMa) has MSE 0.650 and MAE 0.624 at this horizon.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from environment import ROOT, machine, provenance, write_record

DATA = ROOT.parent / "shared" / "data" / "etth1" / "ETTh1.csv"


def ressac(program, *arguments):
    """Runs the command and returns its last line, which `--json` makes an object."""
    result = subprocess.run([program, *map(str, arguments)], stdout=subprocess.PIPE, text=True)
    if result.returncode != 0:
        sys.exit(f"ressac {' '.join(map(str, arguments))} ended with {result.returncode}")
    lines = result.stdout.strip().splitlines()
    return json.loads(lines[-1]) if lines else {}


def build():
    command = ["cargo", "build", "--release", "--locked", "--package", "ressac"]
    result = subprocess.run(
        [*command, "--message-format", "json-render-diagnostics"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    if result.returncode != 0:
        sys.exit("ressac does not build")
    messages = map(json.loads, result.stdout.splitlines())
    return next(
        message["executable"]
        for message in messages
        if message.get("executable") and message["target"]["name"] == "ressac"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--seeds", type=lambda value: [int(seed) for seed in value.split(",")], default=[1, 2, 3])
    parser.add_argument("--no-record", action="store_true")
    parser.add_argument("train", nargs="*", help="after `--`: further options of `train forecast`")
    options = parser.parse_args()
    if not options.data.is_file():
        sys.exit(f"{options.data} is not there: give --data the path of ETTh1.csv")

    program = build()
    record = {**provenance(), "machine": machine(), "train_options": options.train, "results": []}
    with tempfile.TemporaryDirectory() as folder:
        for seed in options.seeds:
            out = Path(folder) / f"seed-{seed}"
            start = time.perf_counter()
            ressac(
                program, "train", "forecast", "--data", options.data, "--horizon", 24, "--context", 96,
                "--split", "8640,2880,2880", "--seed", seed, "--out", out, "--json", *options.train,
            )
            seconds = time.perf_counter() - start
            metrics = ressac(program, "evaluate", out, "--json")
            record["results"].append({"seed": seed, "train_seconds": seconds, "metrics": metrics})
            print(f"seed {seed}: {seconds:.1f} s, {json.dumps(metrics)}", file=sys.stderr)

    lines = ["| | MSE | MAE | training, s |", "|---|---:|---:|---:|"]
    for result in record["results"]:
        metrics = result["metrics"]
        seconds = f"{result['train_seconds']:.0f}"
        lines.append(f"| seed {result['seed']} | {metrics['mse']:.3f} | {metrics['mae']:.3f} | {seconds} |")
    mse, mae = (statistics.mean(r["metrics"][key] for r in record["results"]) for key in ("mse", "mae"))
    seconds = statistics.mean(r["train_seconds"] for r in record["results"])
    lines.append(f"| mean | {mse:.3f} | {mae:.3f} | {seconds:.0f} |")
    for naive in ("repeat-last", "seasonal-naive"):
        # The same for every seed.
        if figures := record["results"][0]["metrics"].get(naive):
            lines.append(f"| {naive} | {figures['mse']:.3f} | {figures['mae']:.3f} | |")
    table = "\n".join(lines) + "\n"
    print(table)
    if not options.no_record:
        write_record("etth1", record, table)


main()
