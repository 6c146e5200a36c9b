#!/usr/bin/env python3
"""Forecasts of public data sets: test error, coverage and training time, seed by seed, beside the naive forecasts.

    python3 bench/forecast/run.py TASK [--only RUN …] [--seeds 1,2,3] [--folder ../shared/data] [-- options of `train forecast`]

    etth1         seven variables, 96 hours in, 24 out; split 8640 / 2880 / 2880, every test window
    etth1-long    the same, 96 hours in, 96, 192, 336 and 720 out, and 720 in, 96 out
    load          French load, hourly, trained on 2015-2017, 24 hours from midnight over 2018, no weather
    m4            M4 hourly, all 414 series, 48 hours; validated on the last 48 points of the training file
    exchange      eight exchange rates, 96 days in, 96 out

mse and mae are on z-scores of the training part. Options were chosen on the validation part; `TRIED` lists every
configuration tried, with its validation figure.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from environment import ROOT, build, machine, provenance, ressac, write_record

ETTH1 = ["--data", "etth1/ETTh1.csv", "--split", "8640,2880,2880"]
LOAD = ["--data", *(f"rte_load_fr/rte_{year}.csv" for year in (2015, 2016, 2017, 2018)), "--every", "1h"]
M4 = "m4_hourly/Hourly-train.csv"
SEGMENT = ["--config", str(Path(__file__).resolve().parent / "segment.toml")]
NEAR = ["--loss", "mae", "--dropout", "0.5", "--lr", "0.001", "--epochs", "14"]
FAR = ["--loss", "mse", "--dropout", "0.1", "--lr", "0.0003", "--epochs", "12", "--averaging", "ema"]

# What each task trains: a name for each run, the options of `train forecast`, and those of `evaluate`.
TASKS = {
    "etth1": {"96 to 24": ([*ETTH1, "--context", "96", "--horizon", "24"], [])},
    "etth1-long": {
        **{
            f"96 to {horizon}": ([*ETTH1, "--context", "96", "--horizon", str(horizon), *SEGMENT, *recipe], [])
            for horizon, recipe in ((96, NEAR), (192, NEAR), (336, FAR), (720, FAR))
        },
        "720 to 96": (
            [
                *ETTH1, "--context", "720", "--horizon", "96", "--model", "segment", "--loss", "mae", "--averaging", "ema",
                "--dropout", "0.5", "--lr", "0.001",
            ],
            [],
        ),
    },
    "load": {
        "2018, from midnight": (
            [*LOAD, "--holidays", "FR", "--horizon", "24", "--split", "21168,5136,8760"],
            ["--origin", "00:00"],
        )
    },
    "m4": {
        "hourly": (
            [
                "--data", M4, "--horizon", "48", "--season", "24", "--split", "rest,48,0", "--context", "168",
                "--lags", "48,168", "--stride", "4", "--batch", "128", "--epochs", "12", "--scale", "reversible",
                "--averaging", "ema",
            ],
            ["--data", "m4_hourly/Hourly-test.csv", "--history", M4],
        )
    },
    "exchange": {
        "96 to 96": (
            ["--data", "exchange_rate/exchange_rate.txt.gz", "--split", "0.7,0.1,0.2", "--context", "96", "--horizon", "96"],
            [],
        )
    },
}
# Every configuration tried, with what it reached on the validation part.
TRIED = json.loads((Path(__file__).resolve().parent / "tried.json").read_text())
SHOWN = ("mse", "mae", "mape", "smape", "mase", "owa", "coverage")


def located(arguments, folder):
    """The arguments with the data files' paths made absolute."""
    return [str(folder / a) if (folder / a).is_file() else a for a in arguments]


def shown(value, key):
    if value is None:
        return "–"
    return f"{100 * value:.1f} %" if key == "coverage" else f"{value:.3f}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("task", choices=TASKS)
    parser.add_argument("--only", nargs="+", metavar="RUN", help="these of the task's runs, such as \"96 to 720\"; a record of their own")
    parser.add_argument("--seeds", type=lambda value: [int(seed) for seed in value.split(",")], default=[1, 2, 3])
    parser.add_argument("--folder", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--no-record", action="store_true")
    parser.add_argument("train", nargs="*", help="after `--`: further options of `train forecast`")
    options = parser.parse_args()
    if not options.folder.is_dir():
        sys.exit(f"{options.folder} is not there: give --folder the data sets")

    runs = TASKS[options.task]
    for name in options.only or []:
        if name not in runs:
            sys.exit(f"--only: expected some of {', '.join(runs)}; found {name}")
    runs = {name: runs[name] for name in options.only or runs}
    program = build()
    tried = TRIED.get(options.task, [])
    record = {**provenance(), "machine": machine(), "train_options": options.train, "tried": tried, "results": []}
    with tempfile.TemporaryDirectory() as folder:
        for name, (train, evaluate) in runs.items():
            train, evaluate = located(train, options.folder), located(evaluate, options.folder)
            for seed in options.seeds:
                out = Path(folder) / f"{name}-{seed}"
                start = time.perf_counter()
                arguments = [*train, "--seed", seed, "--out", out, "--json", *options.train]
                ressac(program, "train", "forecast", *arguments)
                seconds = time.perf_counter() - start
                figures = ressac(program, "evaluate", out, *evaluate, "--json")
                record["results"].append({"run": name, "seed": seed, "seconds": seconds, "figures": figures})
                print(f"{name}, seed {seed}: {seconds:.0f} s", file=sys.stderr)
    table = as_table(record)
    print(table)
    if not options.no_record:
        suffix = "".join(f"-{name.replace(' ', '-')}" for name in options.only or [])
        write_record(f"forecast-{options.task}{suffix}", record, table)


def as_table(record):
    results = record["results"]
    keys = [key for key in SHOWN if any(result["figures"].get(key) is not None for result in results)]
    lines = [f"| | {' | '.join(keys)} | training, s |", f"|---|{'---:|' * (len(keys) + 1)}"]

    def line(name, figures, seconds):
        cells = [shown(figures.get(key), key) for key in keys]
        lines.append(f"| {name} | {' | '.join(cells)} | {seconds} |")

    for run in dict.fromkeys(result["run"] for result in results):
        of_run = [result for result in results if result["run"] == run]
        for result in of_run:
            line(f"{run}, seed {result['seed']}", result["figures"], f"{result['seconds']:.0f}")
        figures = [result["figures"] for result in of_run]
        mean = {key: statistics.mean(f[key] for f in figures) for key in keys if all(f.get(key) is not None for f in figures)}
        line(f"**{run}, mean**", mean, f"{statistics.mean(result['seconds'] for result in of_run):.0f}")
        for naive in ("repeat-last", "seasonal-naive", "naive2"):
            # The same for every seed.
            if naive in figures[0]:
                line(f"{run}, {naive}", figures[0][naive], "")
        skill = figures[0].get("skill")
        if skill:
            lines.append("")
            lines.append(
                f"{run}, first seed: skill against {skill['against']} (share of its absolute error taken away) "
                f"{100 * skill['skill']:.1f} %, 95 % interval {100 * skill['lower']:.1f} to {100 * skill['upper']:.1f} %."
            )
            lines.append("")
    text = "\n".join(lines) + "\n"
    months = results[0]["figures"].get("months") or []
    if len(record["results"]) and len(months) > 1 and results[0]["figures"].get("mape") is not None:
        text += "\nFirst seed, month by month:\n\n| month | mape, % | inside the 80 % interval, % |\n|---|---:|---:|\n"
        for month in months:
            text += f"| {month['name']} | {month['mape']:.2f} | {100 * month['inside']:.1f} |\n"
    if record["tried"]:
        text += "\nTried, with the figure on the validation part:\n\n"
        text += "".join(f"- {entry}\n" for entry in record["tried"])
    return text


main()
