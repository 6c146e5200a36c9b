#!/usr/bin/env python3
"""What every option of a recurrent layer costs beside the plain cell of its kind, and beside a bound that is computed.

    python3 bench/options/run.py                         # everything, about 12 minutes, writes a record
    python3 bench/options/run.py --shapes 32,96,64,64 --no-record

The bound of an option is the time of the plain cell in the same run, plus the operations that the option adds, each at the
price it has in that run: a multiply-add of a product what the plain cell pays for one, an activation what tanh adds to
the simple unit (rnn tanh less rnn identity), any other operation of a lane as much as a multiply-add. Counts are for one unit
of one row in one step (`src/cases.rs`). Checkpoints only concern training.
"""

import argparse
import json
import statistics
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from environment import build, machine, provenance, write_record

SHAPES = [(32, 96, 64, 64), (32, 200, 128, 128), (64, 50, 256, 512)]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument(
        "--shapes", type=lambda value: tuple(int(size) for size in value.split(",")), nargs="+", default=SHAPES, metavar="B,T,I,H"
    )
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.25, help="for each case, mode and round")
    parser.add_argument("--no-record", action="store_true")
    return parser.parse_args()


def measure(program, shape, options):
    """Every case of a shape: its counts, and the median over rounds of the median call, for both modes."""
    command = [program, *map(str, shape), str(options.rounds), str(options.seconds), str(options.threads)]
    result = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if result.returncode != 0:
        sys.exit(f"{' '.join(command)} ended with {result.returncode}")
    about, *lines = map(json.loads, result.stdout.splitlines())
    cases = {line["case"]: {"plain": line["plain"], "counts": line["counts"], "rounds": {"infer": [], "train": []}} for line in lines if "counts" in line}
    for line in lines:
        if "ms" in line:
            cases[line["case"]]["rounds"]["train" if line["trains"] else "infer"].append(line["ms"])
    for case in cases.values():
        case["ms"] = {mode: statistics.median(times) for mode, times in case["rounds"].items()}
    return about["instruction_set"], cases


def operations(counts, mode):
    """Products, activations and others of a call."""
    parts = [counts["forward"]] + ([counts["backward"]] if mode == "train" else [])
    return [sum(part[kind] for part in parts) for kind in range(3)]


def bound(cases, case, mode):
    """The time of the plain cell and what the option adds."""
    plain = cases[case["plain"]]
    activation = max(0.0, cases["rnn tanh"]["ms"]["infer"] - cases["rnn identity"]["ms"]["infer"])
    products, activations, _ = operations(plain["counts"], mode)
    multiply_add = max(0.0, plain["ms"][mode] - activations * activation) / products
    price = [multiply_add, activation, multiply_add]
    more = [ours - theirs for ours, theirs in zip(operations(case["counts"], mode), operations(plain["counts"], mode))]
    return plain["ms"][mode] + sum(p * m for p, m in zip(price, more))


def main():
    options = arguments()
    record = {**provenance(), "machine": machine(), "rounds": options.rounds, "seconds": options.seconds, "shapes": []}
    program = build("ressac-bench-options")
    lines = []
    for shape in options.shapes:
        record["instruction_set"], cases = measure(program, shape, options)
        batch, steps, features, hidden = shape
        lines += [
            f"B{batch} T{steps} I{features} H{hidden}: milliseconds and their ratio to the plain cell; the bound as the same ratio; "
            "measured over bound.\n",
            "| layer | infer, ms | ratio | bound | over bound | train, ms | ratio | bound | over bound |",
            "|---|---:|---:|---:|---:|---:|---:|---:|---:|",
        ]
        for name, case in cases.items():
            cells = []
            for mode in ["infer", "train"]:
                plain, ms = cases[case["plain"]]["ms"][mode], case["ms"][mode]
                limit = bound(cases, case, mode)
                case.setdefault("bound_ms", {})[mode] = limit
                cells += [f"{ms:.3g}", f"{ms / plain:.2f}", f"{limit / plain:.2f}", f"{ms / limit:.2f}"]
            lines.append(f"| {name} | " + " | ".join(cells) + " |")
        lines.append("")
        print("\n".join(lines[-len(cases) - 4 :]), flush=True)
        record["shapes"].append({"shape": shape, "cases": cases})
    about = f"{options.threads} threads; {options.rounds} rounds of {options.seconds:g} s; instruction set {record['instruction_set']}.\n"
    if not options.no_record:
        write_record("options", record, about + "\n" + "\n".join(lines) + "\n")


main()
