#!/usr/bin/env python3
"""The adding and the copying problem: which recurrent layers, started how, carry something over hundreds of steps.

    python3 bench/memory/run.py adding                  # the listed networks, about an hour, writes a record
    python3 bench/memory/run.py copying --only "lstm, chrono" --no-record
    python3 bench/memory/run.py adding --only gru --no-record -- --learning-rate 0.003
    python3 bench/memory/run.py --smoke adding          # a miniature in the dev profile: does it still run

    adding      600 steps of a number and a mark; the sum of the two marked numbers is asked after the last step
    copying     ten symbols, to be said again after a delay of 1000 steps

Both as Bai, Kolter & Koltun (2018, arXiv 1803.01271) pose them; see `src/task.rs`. Every update sees new sequences, so
the loss that is drawn is one on unseen data; the figures of the table are on 1000 sequences of a stream of their own,
and on 1000 of another, the validation stream, by which the options were chosen: `tried.json` lists every training made
to choose them. The networks of a task have the same hidden units, sequences an update and time limit. A training's bits
depend neither on threads nor on what runs beside it; how far it comes before its time limit does.
"""

import argparse
import concurrent.futures
import json
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from environment import ROOT, build, machine, provenance, write_record

HERE = Path(__file__).resolve().parent
# What the networks of a task share, then what sets each apart.
# Gates that chrono initialisation all but closes, and input weights so large that a symbol opens some of them.
FAR = {"init": "chrono", "longest": 2000, "input-gain": 35}
TASKS = {
    "adding": {
        "title": "Adding two numbers marked among 600",
        "loss": "mean squared error",
        "right": "sums within 0.04",
        "shared": {
            "task": "adding", "steps": 600, "hidden": 64, "batch": 32, "learning-rate": 0.002, "clip": 1,
            "updates": 20000, "stop-below": 5e-5, "time-limit": 600, "seed": 1,
        },
        "networks": {
            "rnn tanh": {"cell": "rnn", "init": "pytorch"},
            "rnn relu, irnn": {"cell": "relu", "init": "irnn", "learning-rate": 0.0001},
            "lstm": {"cell": "lstm", "init": "pytorch"},
            "lstm, chrono": {"cell": "lstm", "init": "chrono"},
            "gru": {"cell": "gru", "init": "pytorch"},
        },
        "starts": "as in PyTorch, unless it says irnn or chrono (600 steps).",
        "published": "Bai et al. (2018), test loss: GRU 5.3e-5, LSTM 0.164, RNN 0.177.",
    },
    "copying": {
        "title": "Copying ten symbols after 1000 steps",
        "loss": "nats a step",
        "right": "symbols",
        "shared": {
            "task": "copying", "steps": 1000, "hidden": 128, "batch": 12, "learning-rate": 0.006, "last-rate": 0.1,
            "clip": 1, "beta2": 0.99, "updates": 7000, "stop-below": 3e-4, "time-limit": 720, "seed": 1,
        },
        "networks": {
            "rnn tanh": {"cell": "rnn", "init": "pytorch"},
            "lstm": {"cell": "lstm", "init": "pytorch"},
            "lstm, chrono": {"cell": "lstm", **FAR},
            "gru, chrono": {"cell": "gru", **FAR},
        },
        "starts": "as in PyTorch, unless it says chrono (2000 steps); those also have input weights 35 times Xavier's.",
        "published": "Bai et al. (2018), test loss: LSTM 0.0204, GRU 0.0197, RNN 0.0202.",
    },
}
# When a training ends, and how fast it goes, but not one of its bits.
PACE = ("time-limit", "threads")
# Every training made to choose the options, with what it reached on the validation stream.
TRIED = json.loads((HERE / "tried.json").read_text())
# In miniature: a few updates of a few units.
SMOKE = {"steps": 9, "hidden": 5, "batch": 3, "updates": 4, "every": 2, "judged": 7, "time-limit": 60}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("task", choices=TASKS)
    parser.add_argument("--only", action="append", metavar="NETWORK", help="one of the task's networks; may be repeated")
    parser.add_argument("--time-limit", type=float, help="seconds for each network")
    parser.add_argument("--threads", type=int, default=2, help="of each training; the bits do not depend on it")
    parser.add_argument("--jobs", type=int, default=1, help="trainings side by side")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep what the trainings print; those complete are not run again")
    parser.add_argument("--program", help="the Rust side, built before; else it is built now")
    parser.add_argument("--no-record", action="store_true")
    parser.add_argument("--smoke", action="store_true", help="tiny, in the dev profile, no record")
    parser.add_argument("options", nargs="*", help="after `--`: further options of a training")
    options = parser.parse_args()
    for name in options.only or []:
        if name not in TASKS[options.task]["networks"]:
            sys.exit(f"--only: expected one of {', '.join(TASKS[options.task]['networks'])}; found {name}")
    if len(options.options) % 2 or not all(name.startswith("--") for name in options.options[::2]):
        sys.exit("after `--`, expected pairs like `--learning-rate 0.003`")
    options.no_record |= options.smoke
    return options


def number_or_word(word):
    try:
        return json.loads(word)
    except json.JSONDecodeError:
        return word


def train(program, name, settings, keep):
    """The events of one training, its settings first: run now, or kept from a complete one that differs in pace alone."""
    command = [program, "train", *(str(word) for pair in settings.items() for word in (f"--{pair[0]}", pair[1]))]
    kept = keep and keep / f"{settings['task']}-{name.replace(', ', '-').replace(' ', '-')}.jsonl"
    if kept and kept.exists():
        events = [json.loads(line) for line in kept.read_text().splitlines()]
        apart = {key for key in {**events[0]["settings"], **settings} if events[0]["settings"].get(key) != settings.get(key)}
        if events[-1]["event"] == "end" and apart <= set(PACE):
            return [*events, {"event": "kept"}]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    events = [{"event": "settings", "settings": settings}]
    for line in process.stdout:
        events.append(json.loads(line))
        event = events[-1]
        if event["event"] == "progress":
            print(f"{name}: {event['update']} updates, loss {event['loss']:.4g}, {event['seconds']:.0f} s", file=sys.stderr)
    if process.wait() != 0:
        raise RuntimeError(f"{name}: {' '.join(command)} ended with {process.returncode}")
    if kept:
        keep.mkdir(parents=True, exist_ok=True)
        kept.write_text("".join(json.dumps(event) + "\n" for event in events))
    return events


def result(name, events):
    """What the record says of one training."""
    of = lambda kind: [event for event in events if event["event"] == kind]
    start, end = of("start")[0], of("end")[0]
    return {
        "network": name,
        "settings": of("settings")[0]["settings"],
        "instruction_set": of("options")[0]["instruction_set"],
        "kept": bool(of("kept")),
        "parameters": start["parameters"],
        "memoryless_loss": start["memoryless_loss"],
        "updates": end["updates"],
        "ended_by": end["ended_by"],
        "seconds": round(end["seconds"], 1),
        "validation": end.get("validation"),
        "test": end.get("test"),
        "curve": [[event["update"], event["loss"]] for event in of("progress")],
        "largest_gradient": max((event["largest_gradient"] for event in of("progress")), default=None),
    }


ENDINGS = {
    "updates": "all updates made",
    "time": "time limit",
    "solved": "loss low enough",
    "diverged": "not finite any more",
}


def row(one):
    figures = " | ".join(
        f"{judged['loss']:.3g} | {100 * judged['accuracy']:.1f} %" if judged else "– | –"
        for judged in (one["validation"], one["test"])
    )
    return (
        f"| {one['network']} | {one['parameters']} | {one['settings']['learning-rate']:g} | {one['updates']} "
        f"| {ENDINGS[one['ended_by']]} | {one['seconds']:.0f} | {figures} |"
    )


def table(task, results):
    level = results[0]["memoryless_loss"]
    return "\n".join(
        [
            f"{task['title']}. Loss: {task['loss']}; remembering nothing gives {level:.4f}. "
            f"Right: share of {task['right']}. {task['published']}\n\nStart: {task['starts']} Seconds tell of speed "
            "only if nothing else ran: see the load.\n",
            "| network | parameters | learning rate | updates | ended by | seconds | validation loss | right | test loss | right |",
            "|---|---:|---:|---:|---|---:|---:|---:|---:|---:|",
            *map(row, results),
        ]
    )


def main():
    options = arguments()
    task = TASKS[options.task]
    further = {name[2:]: number_or_word(word) for name, word in zip(options.options[::2], options.options[1::2])}
    program = options.program or build("ressac-bench-memory", "dev" if options.smoke else "release")
    record = {**provenance(), "machine": machine(), "tried": TRIED[options.task], "published": task["published"]}
    record |= {"jobs": options.jobs}
    networks = {}
    for name in options.only or task["networks"]:
        settings = {**task["shared"], **task["networks"][name], "threads": options.threads}
        if options.time_limit is not None:
            settings["time-limit"] = options.time_limit
        networks[name] = {**settings, **(SMOKE if options.smoke else {}), **further}
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        runs = {name: pool.submit(train, program, name, settings, options.keep) for name, settings in networks.items()}
        record["results"] = [result(name, run.result()) for name, run in runs.items()]
    text = table(task, record["results"])
    print(text)
    figure = {
        "title": task["title"],
        "loss": task["loss"],
        "memoryless_loss": record["results"][0]["memoryless_loss"],
        "curves": [{"name": one["network"], "points": one["curve"]} for one in record["results"]],
    }
    svg = subprocess.run([program, "figure"], input=json.dumps(figure), capture_output=True, text=True, check=True).stdout
    if not options.no_record:
        what = f"memory-{options.task}"
        picture = f"{record['date'][:10]}-{what}.svg"
        kept = [one["network"] for one in record["results"] if one["kept"]]
        if kept:
            text += (
                f"\n\nTrained before this run at the same settings, so perhaps at another commit, and under a load that "
                f"was not recorded: {'; '.join(kept)}."
            )
        note = "Means of 50 updates; one above ten times the loss of remembering nothing is a gap."
        write_record(what, record, f"{text}\n\n{note}\n\n![{task['title']}]({picture})\n")
        (ROOT / "bench" / "records" / picture).write_text(svg)


main()
