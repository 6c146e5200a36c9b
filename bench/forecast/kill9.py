#!/usr/bin/env python3
"""Kills a training again and again, goes on with it, and compares the weights with those of an unbroken run.

    python3 bench/forecast/kill9.py [--rounds 20] [--seed 1] [--program target/release/ressac]

Each round trains the same small forecast and kills it with SIGKILL up to four times: as the folder is being laid out,
while a file is being written (its temporary file is seen), or anywhere. After each kill `ressac show` must open the
folder, or, while there are no weights yet, refuse it in one of the sentences made for that; and `--resume` must go on,
or, while there is no checkpoint yet, say so, upon which the training begins anew, as it says. In the end a round must
have the weights of the unbroken run to the byte. The moments come from the seed; where they fall depends on the machine.
"""

import argparse
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from environment import ROOT, build, machine, provenance, write_record

OPTIONS = [
    "--target", "load", "--horizon", "6", "--context", "24", "--hidden", "16", "--epochs", "6", "--patience", "0",
]
# What the command says of a folder that a training was killed in before its first weights or its first checkpoint.
NO_FOLDER = ("is not a model folder: it does not exist", "holds no `config.toml`")
NO_WEIGHTS = (*NO_FOLDER, "before its first validation")
NO_CHECKPOINT = (*NO_FOLDER, "there is no checkpoint to resume")
# With a checkpoint after each step most of the time goes into writing them.
EVERY = ("0s", "0.1s")
PLACES = ("as the folder is laid out", "while a file is written", "anywhere")


def ressac(program, *arguments):
    return subprocess.run([program, *map(str, arguments)], capture_output=True, text=True)


def partial_files(out):
    """The temporary files of writes under way."""
    folders = [folder for folder in (out, out / "checkpoints") if folder.is_dir()]
    return [path for folder in folders for path in folder.glob(".ressac-partial-*")]


def train(program, data, out, every, resume):
    """The command that begins the training, or goes on with it."""
    begin = ["--resume"] if resume else ["--data", data, *OPTIONS]
    return [program, "train", "forecast", *map(str, begin), "--out", str(out), "--checkpoint-every", every]


def kill_at(command, out, place, chance, longest):
    """Starts the command and kills it at a moment of this kind. Says whether it was still running, how it
    ended, what it said, and whether it left a file half-written."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    began = time.perf_counter()
    # An earlier kill leaves temporary files behind, which are no sign of a write under way now.
    old = set(partial_files(out))
    wait = chance.uniform(0.0, longest)

    def reached():
        if place == "as the folder is laid out":
            return out.exists()
        if place == "while a file is written":
            return time.perf_counter() - began > wait and bool(set(partial_files(out)) - old)
        return time.perf_counter() - began > wait

    while process.poll() is None and not reached():
        time.sleep(0.0002)
    if place == "as the folder is laid out":
        time.sleep(chance.uniform(0.0, 0.01))
    running = process.poll() is None
    process.kill()
    said = process.communicate()[1]
    return running, process.returncode, said, bool(set(partial_files(out)) - old)


def begins_anew(said, out, facts):
    """Whether the command said that there is nothing to go on with. The folder is then removed, as it says."""
    if not any(words in said for words in NO_CHECKPOINT):
        return False
    if list((out / "checkpoints").glob("step-*.json")):
        facts["problems"].append("a checkpoint is there, and --resume says that there is none")
    shutil.rmtree(out, ignore_errors=True)
    facts["begun_anew"] = facts.get("begun_anew", 0) + 1
    return True


def one_round(program, data, out, number, seed, longest):
    """Kills one training at up to four moments and lets it end."""
    chance = random.Random(f"{seed}-{number}")
    every = EVERY[number % len(EVERY)]
    facts = {"round": number, "checkpoint_every": every, "kills": [], "problems": []}
    kills = 1 + number % 4
    resume = False
    for kill in range(kills):
        place = PLACES[number % 3] if kill == 0 else chance.choice(PLACES[1:] if resume else PLACES)
        command = train(program, data, out, every, resume)
        running, code, said, in_a_write = kill_at(command, out, place, chance, longest[every])
        if not running:
            # It ended by itself before the moment came: well, or because there was nothing to go on with.
            if code == 0:
                resume = True
                break
            if resume and begins_anew(said, out, facts):
                resume = False
                continue
            facts["problems"].append(f"ended with {code} before the kill: {said[-500:]}")
            break
        shown = ressac(program, "show", out)
        opened = shown.returncode == 0
        facts["kills"].append({"place": place, "in_a_write": in_a_write, "opened": opened})
        if not opened and not (shown.returncode == 1 and any(words in shown.stderr for words in NO_WEIGHTS)):
            facts["problems"].append(f"show ended with {shown.returncode}: {shown.stderr[-500:]}")
        resume = True
    ended = ressac(*train(program, data, out, every, resume))
    if resume and ended.returncode == 1 and begins_anew(ended.stderr, out, facts):
        ended = ressac(*train(program, data, out, every, False))
    if ended.returncode != 0:
        facts["problems"].append(f"the last run ended with {ended.returncode}: {ended.stderr[-500:]}")
    if left := partial_files(out):
        facts["problems"].append(f"left over: {[path.name for path in left]}")
    return facts


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--program", help="a ressac that is already built")
    parser.add_argument("--no-record", action="store_true")
    options = parser.parse_args()

    program = options.program or build()
    record = {**provenance(), "machine": machine(), "train_options": OPTIONS, "rounds": []}
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        if ressac(program, "data", "load", "--out", folder, "--hours", 2000).returncode != 0:
            sys.exit(f"{program} writes no data")
        data = folder / "load.csv"
        longest, weights = {}, {}
        for every in EVERY:
            out = folder / f"unbroken-{every}"
            began = time.perf_counter()
            unbroken = ressac(*train(program, data, out, every, False))
            longest[every] = time.perf_counter() - began
            if unbroken.returncode != 0:
                sys.exit(f"the unbroken run ended with {unbroken.returncode}: {unbroken.stderr}")
            weights[every] = (out / "weights.safetensors").read_bytes()
        if len(set(weights.values())) != 1:
            sys.exit("unbroken runs with more and with fewer checkpoints have different weights")
        expected = weights[EVERY[0]]
        record["unbroken_seconds"] = {every: round(seconds, 3) for every, seconds in longest.items()}
        for number in range(options.rounds):
            out = folder / f"round-{number}"
            facts = one_round(program, data, out, number, options.seed, longest)
            weights = out / "weights.safetensors"
            facts["same_weights"] = weights.is_file() and weights.read_bytes() == expected
            record["rounds"].append(facts)
            print(f"round {number}: {json.dumps(facts)}", file=sys.stderr)
            shutil.rmtree(out, ignore_errors=True)

    rounds = record["rounds"]
    kills = [kill for facts in rounds for kill in facts["kills"]]
    problems = [problem for facts in rounds for problem in facts["problems"]]
    lines = [
        "| | |",
        "|---|---:|",
        f"| rounds | {len(rounds)} |",
        f"| kills | {len(kills)} |",
        *(f"| … {place} | {sum(kill['place'] == place for kill in kills)} |" for place in PLACES),
        f"| … that left a half-written temporary file | {sum(kill['in_a_write'] for kill in kills)} |",
        f"| … after which `show` opened the folder | {sum(kill['opened'] for kill in kills)} |",
        f"| … after which it said that there are no weights yet | {sum(not kill['opened'] for kill in kills)} |",
        f"| trainings begun anew, killed before the first checkpoint | {sum(f.get('begun_anew', 0) for f in rounds)} |",
        f"| rounds that ended on the bytes of the unbroken run | {sum(facts['same_weights'] for facts in rounds)} |",
        f"| problems | {len(problems)} |",
    ]
    table = "\n".join(lines) + "\n"
    print(table)
    if not options.no_record:
        write_record("kill9", record, table)
    if problems or not all(facts["same_weights"] for facts in rounds):
        sys.exit(1)


main()
