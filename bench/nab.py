"""The files of the Numenta anomaly benchmark with a label for each row, as the command reads them."""

import json
from pathlib import Path

# Files without a window of their own have nothing to be found.
FOLDER = "nab"


def labelled(data):
    """Path of each file below the benchmark's folder, and its windows (first and last time)."""
    windows = json.loads((data / FOLDER / "combined_windows.json").read_text())
    return {name: of for name, of in windows.items() if of and (data / FOLDER / name).exists()}


def short(name):
    return Path(name).name


def series(data, folder):
    """Writes each labelled file with a column `label`: 1 within a window, else 0."""
    for name, windows in labelled(data).items():
        lines = (data / FOLDER / name).read_text().splitlines()
        spans = [(start[:19], end[:19]) for start, end in windows]
        rows = [f"{lines[0]},label"]
        for line in lines[1:]:
            time = line.split(",")[0]
            rows.append(f"{line},{int(any(start <= time <= end for start, end in spans))}")
        (folder / short(name)).write_text("\n".join(rows) + "\n")
