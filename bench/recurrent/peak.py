#!/usr/bin/env python3
"""How much memory a training call takes: Ressac through Burn, with and without checkpoints over time, beside PyTorch.

    python3 bench/recurrent/peak.py                  # LSTM and GRU at B64 T1000 I512 H512, writes a record

Each figure is of a process of its own that runs forward, sum of the outputs and backward to the weights twice: the highest
resident memory less that before the first call, when weights and input were there. PyTorch has no checkpoints over
time in its recurrent layers.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from environment import build, machine, provenance, python_with_torch, write_record

TORCH = """
import json, resource, sys, torch
kind, *sizes = sys.argv[1:]
batch, steps, features, hidden, threads = map(int, sizes)
torch.set_num_threads(threads)
network = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU, "rnn": torch.nn.RNN}[kind](features, hidden, batch_first=True)
values = torch.ones(batch, steps, features)
resident = lambda: int(next(line for line in open("/proc/self/status") if line.startswith("VmRSS")).split()[1])
before = resident()
for _ in range(2):
    network.zero_grad(set_to_none=True)
    output, _ = network(values)
    output.sum().backward()
    del output
print(json.dumps({"version": torch.__version__, "before_kib": before, "peak_kib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}))
"""


def answer(command):
    result = subprocess.run(list(map(str, command)), stdout=subprocess.PIPE, text=True)
    if result.returncode != 0:
        sys.exit(f"{command[0]} ended with {result.returncode}")
    found = json.loads(result.stdout.splitlines()[-1])
    found["mib"] = (found["peak_kib"] - found["before_kib"]) / 1024
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--shape", type=lambda value: [int(size) for size in value.split(",")], default=[64, 1000, 512, 512], metavar="B,T,I,H")
    parser.add_argument("--kinds", type=lambda value: value.split(","), default=["lstm", "gru"])
    parser.add_argument("--every", type=int, nargs="+", default=[0, 100, 32], help="steps between checkpoints; 0: none")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--python", help="a Python that has torch and numpy; else bench/.venv is made")
    parser.add_argument("--no-record", action="store_true")
    options = parser.parse_args()
    python = python_with_torch(options.python)
    program = build("ressac-bench")
    record = {**provenance(), "machine": machine(), "shape": options.shape, "results": []}
    batch, steps, features, hidden = options.shape
    lines = [
        f"Training, B{batch} T{steps} I{features} H{hidden}: resident memory above that of weights and input, MiB.\n",
        "| layer | " + " | ".join("Ressac" if every == 0 else f"checkpoint every {every}" for every in options.every) + " | PyTorch |",
        "|---|" + "---:|" * (len(options.every) + 1),
    ]
    for kind in options.kinds:
        ours = {every: answer([program, "peak", kind, *options.shape, every, options.threads]) for every in options.every}
        torch = answer([python, "-c", TORCH, kind, *options.shape, options.threads])
        record["versions"]["torch"] = torch["version"]
        record["results"].append({"kind": kind, "ressac": ours, "torch": torch})
        lines.append(f"| {kind} | " + " | ".join(f"{ours[every]['mib']:.0f}" for every in options.every) + f" | {torch['mib']:.0f} |")
        print(lines[-1], flush=True)
    if not options.no_record:
        write_record("peak-memory", record, "\n".join(lines) + "\n")


main()
