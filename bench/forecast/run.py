#!/usr/bin/env python3
"""Forecasts of public data sets: test error, coverage and training time, seed by seed, beside the naive forecasts.

    python3 bench/forecast/run.py TASK [--only RUN …] [--seeds 1,2,3] [--folder ../shared/data] [-- options of `train forecast`]

    etth1         seven variables, 96 hours in, 24 out; split 8640 / 2880 / 2880, every test window
    etth1-long    the same, 96 hours in, 96, 192, 336 and 720 out, and 720 in, 96 out
    load          French load, hourly, trained on 2015-2017, 24 hours from midnight over 2018, no weather
    m4            M4 hourly, all 414 series, 48 hours; validated on the last 48 points of the training file
    exchange      eight exchange rates, 96 days in, 96 out
    defaults      airline passengers, sunspots and daily temperatures with nothing but the defaults

mse and mae are on z-scores of the training part. Options were chosen on the validation part; `TRIED` lists every
configuration tried, with its validation figure.
"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from accuracy import main

ETTH1 = ["--data", "etth1/ETTh1.csv", "--split", "8640,2880,2880"]
LOAD = ["--data", *(f"rte_load_fr/rte_{year}.csv" for year in (2015, 2016, 2017, 2018)), "--every", "1h"]
M4 = "m4_hourly/Hourly-train.csv"
SEGMENT = ["--config", str(Path(__file__).resolve().parent / "segment.toml")]
# The length of the recorded trainings, which was the default of the day.
TEN = ["--epochs", "10"]
NEAR = ["--loss", "mae", "--dropout", "0.5", "--lr", "0.001", "--epochs", "14"]
FAR = ["--loss", "mse", "--dropout", "0.1", "--lr", "0.0003", "--epochs", "12", "--averaging", "ema"]

# What each task trains: a name for each run, the options of `train forecast`, and those of `evaluate`.
TASKS = {
    "etth1": {"96 to 24": ([*ETTH1, "--context", "96", "--horizon", "24", *TEN], [])},
    "etth1-long": {
        **{
            f"96 to {horizon}": ([*ETTH1, "--context", "96", "--horizon", str(horizon), *SEGMENT, *recipe], [])
            for horizon, recipe in ((96, NEAR), (192, NEAR), (336, FAR), (720, FAR))
        },
        "720 to 96": (
            [
                *ETTH1, "--context", "720", "--horizon", "96", "--model", "segment", "--loss", "mae", "--averaging", "ema",
                "--dropout", "0.5", "--lr", "0.001", *TEN,
            ],
            [],
        ),
    },
    "load": {
        "2018, from midnight": (
            [*LOAD, "--holidays", "FR", "--horizon", "24", "--split", "21168,5136,8760", *TEN],
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
            ["--data", "exchange_rate/exchange_rate.txt.gz", "--split", "0.7,0.1,0.2", "--context", "96", "--horizon", "96", *TEN],
            [],
        )
    },
}
# Small series with nothing but the defaults.
CLASSIC = {
    name: ([*("--data", f"classic_series/{file}.csv", "--horizon", str(horizon))], [])
    for name, file, horizon in (
        ("airline, 12 months", "airline-passengers", 12),
        ("sunspots, 12 months", "monthly-sunspots", 12),
        ("temperatures, 7 days", "daily-min-temperatures", 7),
    )
}
TASKS["defaults"] = CLASSIC
# Every configuration tried, with what it reached on the validation part.
TRIED = json.loads((Path(__file__).resolve().parent / "tried.json").read_text())
SHOWN = ("mse", "mae", "mape", "smape", "mase", "owa", "coverage")


def skills_and_months(record):
    """The skill of each run's first seed, and the months of the first."""
    results = record["results"]
    text = ""
    for run in dict.fromkeys(result["run"] for result in results):
        skill = next(result for result in results if result["run"] == run)["figures"].get("skill")
        if skill:
            text += (
                f"\n{run}, first seed: skill against {skill['against']} (share of its absolute error taken away) "
                f"{100 * skill['skill']:.1f} %, 95 % interval {100 * skill['lower']:.1f} to {100 * skill['upper']:.1f} %.\n"
            )
    figures = results[0]["figures"]
    months = figures.get("months") or []
    if len(months) > 1 and figures.get("mape") is not None:
        text += "\nFirst seed, month by month:\n\n| month | mape, % | inside the 80 % interval, % |\n|---|---:|---:|\n"
        for month in months:
            text += f"| {month['name']} | {month['mape']:.2f} | {100 * month['inside']:.1f} |\n"
    return text


main(__doc__.split("\n")[0], "forecast", TASKS, SHOWN, ("repeat-last", "seasonal-naive", "naive2"), TRIED, skills_and_months)
