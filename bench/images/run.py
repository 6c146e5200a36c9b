#!/usr/bin/env python3
"""Training steps of networks for images, Ressac through Burn beside PyTorch and Burn's own operations, in one interleaved run.

    python3 bench/images/run.py                      # everything, about 6 minutes, writes a record
    python3 bench/images/run.py --networks dense generator-28 --no-record
    python3 bench/images/run.py --smoke              # a miniature in the dev profile: does it still run

A step: forward, the mean square of what comes out, backward, AdamW. Two processes stay alive, one of Rust and one of PyTorch; in
each round one works while the other sleeps, on the same network, and the next round begins with the other side. A figure is the
median over rounds of the median step; the ratio is the better of PyTorch's two (maps in its default memory format, or channels
last, fused AdamW in both) over ours: above 1 we are faster. Peak memory is that of a process of its own that takes a few steps of
one network, less what the process holds before.
"""

import argparse
import os
import statistics
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from environment import build, machine, provenance, python_with_torch, write_record
from interleaved import Side

NETWORKS = ["generator-28", "discriminator-28", "generator-64", "discriminator-64", "residual-32", "dense"]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--networks", nargs="+", choices=NETWORKS, default=NETWORKS)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0, help="for each side, network and round")
    parser.add_argument("--python", help="a Python that has torch and numpy; else bench/.venv is made")
    parser.add_argument("--program", help="a `ressac-bench` built before, instead of one built now; the record names it")
    parser.add_argument("--profile", choices=["release", "dev"], default="release")
    parser.add_argument("--no-record", action="store_true")
    parser.add_argument("--smoke", action="store_true", help="one short round in the dev profile, no record")
    options = parser.parse_args()
    if options.smoke:
        options.profile, options.rounds, options.seconds, options.no_record = "dev", 1, 0.0, True
        options.networks = ["dense", "discriminator-28"]
    return options


def peak_mib(command, *request):
    """The largest resident set of a process that answers this request, or none."""
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
    process.stdout.readline()
    if request:
        print(*request, file=process.stdin, flush=True)
        process.stdout.readline()
    process.stdin.close()
    _, _, usage = os.wait4(process.pid, 0)
    return usage.ru_maxrss / 1024


def main():
    options = arguments()
    python = python_with_torch(options.python)
    record = {**provenance(), "machine": machine()}
    rust = [options.program or build("ressac-bench", options.profile)]
    peer = [python, str(Path(__file__).with_name("peer_torch.py"))]
    ressac, torch = Side(rust), Side(peer)
    record["versions"]["torch"] = torch.hello["version"]
    record |= {
        "program": options.program, "instruction_set": ressac.hello["instruction_set"], "profile": options.profile, "rounds": options.rounds,
        "seconds": options.seconds, "threads": options.threads, "results": [],
    }
    idle = {"ressac": peak_mib(rust), "torch": peak_mib(peer)}
    lines = [
        f"One training step, milliseconds; {options.threads} threads; {options.rounds} interleaved rounds of {options.seconds:g} s a "
        f"side; instruction set {record['instruction_set']}; {options.profile} profile. Peak memory beyond that of the idle process, MiB.\n",
        "| network | Ressac | PyTorch | channels last | Burn | PyTorch / Ressac | Burn / Ressac | peak, Ressac | PyTorch |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    print("\n".join(lines), flush=True)
    for name in options.networks:
        sides = [
            ("ressac", ressac, ("image", name, "ressac")), ("torch", torch, (name, "default")),
            ("channels last", torch, (name, "channels_last")), ("burn", ressac, ("image", name, "burn")),
        ]
        requests = {label: request for label, _, request in sides}
        rounds = {label: [] for label, _, _ in sides}
        for turn in range(options.rounds):
            for label, side, request in sides if turn % 2 == 0 else reversed(sides):
                rounds[label].append(side.ask(*request, options.threads, options.seconds))
        medians = {label: statistics.median(of["median_ms"] for of in answers) for label, answers in rounds.items()}
        peers = min(("torch", "channels last"), key=medians.get)
        peaks = {
            "ressac": peak_mib(rust, *requests["ressac"], options.threads, 0) - idle["ressac"],
            "torch": peak_mib(peer, *requests[peers], options.threads, 0) - idle["torch"],
        }
        ratios = [medians[peers] / medians["ressac"], medians["burn"] / medians["ressac"]]
        record["results"].append({"network": name, "rounds": rounds, "medians_ms": medians, "ratio": ratios[0], "of_burn": ratios[1], "peak_mib": peaks})
        shown = [f"{medians[label]:.3g}" for label, _, _ in sides] + [f"{ratio:.2f}" for ratio in ratios]
        lines.append(f"| {name} | " + " | ".join([*shown, f"{peaks['ressac']:.0f}", f"{peaks['torch']:.0f}"]) + " |")
        print(lines[-1], flush=True)
    if not options.no_record:
        write_record("images", record, "\n".join(lines) + "\n")


main()
