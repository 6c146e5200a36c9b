"""What a model of a task reaches on public data: trained by the command, evaluated by the command, over several seeds.

`forecast/run.py`, `classify/run.py` and `autoencode/run.py` say what is trained; everything else is here.
"""

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

from environment import ROOT, build, machine, provenance, ressac, write_record


def located(arguments, *folders):
    """The arguments with the paths of data files and folders made absolute."""
    def found(argument):
        return next((str(folder / argument) for folder in folders if (folder / argument).exists()), argument)

    return [found(argument) for argument in arguments]


def shown(value, key):
    if value is None:
        return "–"
    if key in ("mse", "auroc"):
        return f"{value:.4f}"
    return f"{100 * value:.1f} %" if key in ("coverage", "accuracy", "ece") else f"{value:.3f}"


def main(description, task, runs_of, keys, rivals, all_tried, after=lambda record: "", make=lambda *_: None, made={}, further={}):
    """Trains and evaluates the runs of one of `runs_of` (a name for each run, the options of `train`, those of `evaluate`),
    and writes the record. `keys` are the figures shown, `rivals` the objects of `evaluate --json` that hold those of others;
    None stands for all objects that hold them; `make` writes what the command cannot read as it is into a folder of this run, and `made` are those that make all of a
    task's data there, given the program and the folder, and return the versions of what else they used. `further` are, by
    task, more evaluations of each model: a name for each, and its options."""
    parser = argparse.ArgumentParser(description=description, epilog=f"After `--`: further options of `train {task}`.")
    parser.add_argument("task", choices=runs_of)
    parser.add_argument("--only", nargs="+", metavar="RUN", help="these of the task's runs, such as \"96 to 720\"; a record of their own")
    parser.add_argument("--seeds", type=lambda value: [int(seed) for seed in value.split(",")], default=[1, 2, 3])
    parser.add_argument("--folder", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--no-record", action="store_true")
    parser.add_argument("--program", type=Path, help="a `ressac` built before, instead of one built now; the record names it")
    # By hand: argparse takes what stands behind `--` only where the task stands right before it.
    end = sys.argv.index("--") if "--" in sys.argv else len(sys.argv)
    options, train_options = parser.parse_args(sys.argv[1:end]), sys.argv[end + 1 :]
    if options.task not in made and not options.folder.is_dir():
        sys.exit(f"{options.folder} is not there: give --folder the data sets")

    runs = runs_of[options.task]
    if not runs:
        sys.exit(f"the data of {options.task} are not in {ROOT.parent / 'shared' / 'data'}")
    for name in options.only or []:
        if name not in runs:
            sys.exit(f"--only: expected some of {', '.join(runs)}; found {name}")
    runs = {name: runs[name] for name in options.only or runs}
    program = options.program.resolve() if options.program else build()
    tried = all_tried.get(options.task, [])
    record = {**provenance(), "machine": machine(), "program": str(options.program or ""), "train_options": train_options, "tried": tried, "results": []}
    with tempfile.TemporaryDirectory() as folder:
        if options.task in made:
            record["versions"] |= made[options.task](program, Path(folder))
        else:
            make(options.folder, options.task, Path(folder))
        for name, (train, evaluate) in runs.items():
            train, evaluate = (located(arguments, Path(folder), options.folder) for arguments in (train, evaluate))
            for seed in options.seeds:
                out = Path(folder) / f"{name}-{seed}"
                start = time.perf_counter()
                arguments = [*train, "--seed", seed, "--out", out, "--json", *train_options]
                trained = ressac(program, "train", task, *arguments)
                seconds = time.perf_counter() - start
                figures = ressac(program, "evaluate", out, *evaluate, "--json")
                result = {"run": name, "seed": seed, "seconds": seconds, "steps": trained["steps"], "figures": figures}
                for condition, more in further.get(options.task, {}).items():
                    more = located(more, Path(folder), options.folder)
                    result.setdefault("further", {})[condition] = ressac(program, "evaluate", out, *more, "--json")
                record["results"].append(result)
                print(f"{name}, seed {seed}: {seconds:.0f} s", file=sys.stderr)
    table = as_table(record, keys, rivals) + after(record)
    if tried:
        table += "\nTried, with the figure on the validation part:\n\n" + "".join(f"- {entry}\n" for entry in tried)
    print(table)
    if not options.no_record:
        suffix = "".join(f"-{name.replace(' ', '-')}" for name in options.only or [])
        write_record(f"{task}-{options.task}{suffix}", record, table)


def curves(record, key, rivals, first):
    """A figure of every model and rival over the further evaluations; `first` names the evaluation that is not one of them."""
    results = record["results"]
    conditions = list(results[0].get("further", {}))
    if not conditions:
        return ""
    lines = [f"| {key} | {first} | {' | '.join(conditions)} |", f"|---|{'---:|' * (len(conditions) + 1)}"]

    def line(name, figures):
        lines.append(f"| {name} | {' | '.join(shown(figure, key) for figure in figures)} |")

    for run in dict.fromkeys(result["run"] for result in results):
        of_run = [result for result in results if result["run"] == run]
        of_seeds = [[result["figures"], *result["further"].values()] for result in of_run]
        for result, of_seed in zip(of_run, of_seeds):
            line(f"{run}, seed {result['seed']}", [figures[key] for figures in of_seed])
        line(f"**{run}, mean**", [statistics.mean(figures[key] for figures in of) for of in zip(*of_seeds)])
        for rival in rivals:
            if isinstance(of_seeds[0][0].get(rival), dict):
                line(f"{run}, {rival}", [(figures.get(rival) or {}).get(key) for figures in of_seeds[0]])
    return "\n".join(lines) + "\n"


def as_table(record, all_keys, rivals):
    results = record["results"]
    keys = [key for key in all_keys if any(result["figures"].get(key) is not None for result in results)]
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
        others = (name for name, of in figures[0].items() if isinstance(of, dict) and keys[0] in of)
        for rival in rivals if rivals is not None else others:
            # The same for every seed, or as good as.
            if isinstance(figures[0].get(rival), dict):
                line(f"{run}, {rival}", figures[0][rival], "")
    return "\n".join(lines) + "\n"
