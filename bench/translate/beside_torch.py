#!/usr/bin/env python3
"""Translation by the same network in Ressac and in PyTorch, in turns: 1,000 sentences of Multi30k's test part, beam 5.

    python3 bench/translate/beside_torch.py MODEL [--rounds 3] [--python PYTHON]

MODEL is a model folder with a GRU, subwords of each side, attention and tied vectors, such as `run.py` trains. The PyTorch side has its
weights, its subwords and the same search, 32 sentences side by side; how many translations are equal is in the record. The time is
that from texts to translations: of Ressac the whole command less the same command on no text, of PyTorch the loop alone. `alone`: a
sentence by itself.
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

from environment import ROOT, build, machine, provenance, python_with_torch, write_record

ALONE = 100


def seconds(*command):
    start = time.perf_counter()
    subprocess.run([*map(str, command)], stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--beam", type=int, default=5)
    parser.add_argument("--python", help="a Python with torch and numpy, instead of bench/.venv")
    parser.add_argument("--program", help="a built `ressac`, instead of building it")
    parser.add_argument("--folder", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--no-record", action="store_true")
    options = parser.parse_args()
    sources = options.folder / "multi30k_en_fr" / "test_2016_flickr.en"
    if not sources.is_file():
        sys.exit(f"{sources} is not there: give --folder the data sets")
    python, program, threads = python_with_torch(options.python), options.program or build(), os.cpu_count()
    record = {**provenance(), "machine": machine(), "threads": threads, "rounds": []}
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        lines = sources.read_text().splitlines()
        for at, line in enumerate(lines[:ALONE]):
            (folder / f"{at}.txt").write_text(line + "\n")
        predict = lambda what, out: seconds(
            program, "predict", options.model, *what, "--beam", options.beam, "--threads", threads, "--out", folder / out, "--quiet"
        )
        for _ in range(options.rounds):
            start = statistics.median(predict(("--text", ""), "none.txt") for _ in range(5))
            whole = predict(("--data", sources), "ours.txt")
            alone = [predict(("--data", folder / f"{at}.txt"), "one.txt") - start for at in range(ALONE)]
            peer = subprocess.run(
                [python, Path(__file__).with_name("peer_torch.py"), options.model, sources, folder / "theirs.txt", str(options.beam), str(threads)],
                stdout=subprocess.PIPE, text=True, check=True,
            )
            round = {"ressac": whole - start, "start": start, "ressac_alone": statistics.median(alone), "torch": json.loads(peer.stdout)}
            both = [(folder / name).read_text().splitlines() for name in ("ours.txt", "theirs.txt")]
            round["equal"] = sum(a == b for a, b in zip(*both)) / len(lines)
            record["rounds"].append(round)
            print(json.dumps(round), file=sys.stderr)
    middle = lambda key: statistics.median(round[key] for round in record["rounds"])
    torch = lambda key: statistics.median(round["torch"][key] for round in record["rounds"])
    ratio = statistics.median(round["torch"]["seconds"] / round["ressac"] for round in record["rounds"])
    of_one = statistics.median(round["torch"]["alone"] / round["ressac_alone"] for round in record["rounds"])
    table = (
        "| | Ressac | PyTorch | PyTorch / Ressac |\n|---|---:|---:|---:|\n"
        f"| {len(lines)} sentences, s | {middle('ressac'):.2f} | {torch('seconds'):.2f} | {ratio:.2f} |\n"
        f"| one sentence, ms | {1000 * middle('ressac_alone'):.1f} | {1000 * torch('alone'):.1f} | {of_one:.2f} |\n\n"
        f"Medians of {options.rounds} rounds; beam {options.beam}; {threads} threads; {100 * middle('equal'):.1f} % of the translations are "
        f"equal. Starting Ressac with the model takes {1000 * middle('start'):.0f} ms.\n"
    )
    print(table)
    if not options.no_record:
        write_record("translate-beside-torch", record, table)


if __name__ == "__main__":
    main()
