#!/usr/bin/env python3
"""Recurrent layers, Ressac through Burn beside PyTorch, in one interleaved run.

    python3 bench/recurrent/run.py                      # everything, about 15 minutes, writes a record
    python3 bench/recurrent/run.py --kinds lstm --shapes 32,96,8,64 --no-record
    python3 bench/recurrent/run.py --smoke              # a miniature in the dev profile: does it still run

Two processes stay alive, one of Rust and one of PyTorch; in each round one works while the other sleeps, on the same
shape, and the next round begins with the other side. So a busy minute of the machine falls on both. A figure is the
median over rounds of the median call; the ratio is PyTorch's figure over ours (above 1: we are faster).

train: forward, sum of the outputs, backward to the weights (not to the input). infer: forward without a graph.
Batch 1 is measured in PyTorch with one thread and with all, and the better figure stands as the peer's.
The last shape (1,1,1,16) has next to no arithmetic: its time is what a call costs.
"""

import argparse
import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from environment import build, machine, provenance, python_with_torch, write_record
from interleaved import Side

SHAPES = [(32, 96, 8, 64), (32, 200, 128, 128), (64, 100, 256, 512), (1, 100, 32, 64), (1, 1, 1, 16)]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    words = lambda value: value.split(",")
    parser.add_argument("--kinds", type=words, default=["lstm", "gru", "rnn"], help="default lstm,gru,rnn")
    parser.add_argument("--modes", type=words, default=["train", "infer"], help="default train,infer")
    parser.add_argument(
        "--shapes",
        type=lambda value: tuple(int(size) for size in value.split(",")),
        nargs="+",
        default=SHAPES,
        metavar="B,T,I,H",
    )
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.0, help="for each side, shape and round")
    parser.add_argument("--python", help="a Python that has torch and numpy; else bench/.venv is made")
    parser.add_argument("--profile", choices=["release", "dev"], default="release")
    parser.add_argument("--no-record", action="store_true")
    parser.add_argument("--smoke", action="store_true", help="one tiny round in the dev profile, no record")
    options = parser.parse_args()
    if options.smoke:
        options.profile, options.rounds, options.seconds, options.no_record = "dev", 1, 0.0, True
        options.shapes = [(3, 5, 7, 11), (1, 1, 1, 16)]
    return options


def compare(ressac, torch, kind, shape, mode, options):
    """One line of the table: both sides in turn, `options.rounds` times."""
    torch_threads = sorted({1, options.threads}) if shape[0] == 1 else [options.threads]
    contenders = [("ressac", ressac, options.threads)]
    contenders += [(f"torch {threads}", torch, threads) for threads in torch_threads]
    rounds = {name: [] for name, _, _ in contenders}
    for turn in range(options.rounds):
        for name, side, threads in contenders if turn % 2 == 0 else reversed(contenders):
            rounds[name].append(side.ask(kind, *shape, mode, threads, options.seconds))
    figures = {
        name: {
            "median_ms": statistics.median(answer["median_ms"] for answer in answers),
            "min_ms": min(answer["min_ms"] for answer in answers),
            "calls": sum(answer["calls"] for answer in answers),
            "round_medians_ms": [answer["median_ms"] for answer in answers],
        }
        for name, answers in rounds.items()
    }
    peers = [name for name in figures if name != "ressac"]
    peer = min(peers, key=lambda name: figures[name]["median_ms"])
    return {
        "kind": kind,
        "shape": shape,
        "mode": mode,
        "threads": options.threads,
        "figures": figures,
        "peer": peer,
        "ratio": figures[peer]["median_ms"] / figures["ressac"]["median_ms"],
    }


def milliseconds(value):
    """Three significant digits."""
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def row(result):
    ours, peer = result["figures"]["ressac"], result["figures"][result["peer"]]
    batch, steps, features, hidden = result["shape"]
    name = f"{result['kind'].upper()} B{batch} T{steps} I{features} H{hidden}"
    threads = result["peer"].split()[1]
    return (
        f"| {name} | {result['mode']} | {milliseconds(ours['median_ms'])} | {milliseconds(ours['min_ms'])} "
        f"| {milliseconds(peer['median_ms'])} | {milliseconds(peer['min_ms'])} | {threads} | {result['ratio']:.2f} |"
    )


def main():
    options = arguments()
    python = python_with_torch(options.python)
    record = {**provenance(), "machine": machine()}
    ressac = Side([build("ressac-bench", options.profile)])
    torch = Side([python, str(Path(__file__).with_name("peer_torch.py"))])
    record["versions"]["torch"] = torch.hello["version"]
    record["instruction_set"] = ressac.hello["instruction_set"]
    record |= {"profile": options.profile, "rounds": options.rounds, "seconds": options.seconds}
    lines = [
        f"One call, milliseconds; {options.threads} threads; {options.rounds} interleaved rounds of "
        f"{options.seconds:g} s a side; instruction set {record['instruction_set']}; {options.profile} profile.\n",
        "| layer | mode | Ressac median | min | PyTorch median | min | its threads | PyTorch / Ressac |",
        "|---|---|---:|---:|---:|---:|---:|---:|",
    ]
    print("\n".join(lines), flush=True)
    record["results"] = []
    for shape in options.shapes:
        for kind in options.kinds:
            for mode in options.modes:
                result = compare(ressac, torch, kind, shape, mode, options)
                record["results"].append(result)
                lines.append(row(result))
                print(lines[-1], flush=True)
    if not options.no_record:
        write_record("recurrent", record, "\n".join(lines) + "\n")


main()
