"""What every benchmark here needs: the machine's description, a Python with PyTorch, and a place for its record.

Run as a program it makes `bench/.venv` with torch and numpy, if it is not there yet.
"""

import datetime
import json
import os
import platform
import subprocess
import sys
from pathlib import Path

BENCH = Path(__file__).resolve().parent
ROOT = BENCH.parent
TORCH = "torch==2.15.0"
# Wheels without CUDA, a twentieth of the size; the plain index serves where this one cannot be reached.
CPU_WHEELS = "https://download.pytorch.org/whl/cpu"


def python_with_torch(given=None):
    """The path of a Python that has torch and numpy: the given one, or that of `bench/.venv`."""
    if given is not None:
        python = Path(given)
    else:
        python = BENCH / ".venv" / "bin" / "python"
    probe = [str(python), "-c", "import torch, numpy"]
    if python.exists() and subprocess.run(probe, capture_output=True).returncode == 0:
        return str(python)
    if given is not None:
        sys.exit(f"{given} has no torch with numpy; without --python, bench/.venv is made")
    print("making bench/.venv with torch and numpy", file=sys.stderr)
    subprocess.run([sys.executable, "-m", "venv", str(BENCH / ".venv")], check=True)
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--retries", "1"]
    if subprocess.run([*pip, TORCH, "numpy", "--extra-index-url", CPU_WHEELS]).returncode != 0:
        sys.exit("pip could not install torch: give --python a Python that has it")
    return str(python)


def text(*command):
    """What a command prints, or None where it cannot run."""
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None


def machine():
    """Processor, cores, memory, system, and how busy the machine was when asked."""
    facts = {}
    for line in (text("lscpu") or "").splitlines():
        name, _, value = line.partition(":")
        facts.setdefault(name.strip(), value.strip())
    memory = None
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        memory = round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30, 1)
    return {
        "processor": facts.get("Model name", platform.processor()),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_gib": memory,
        "system": platform.platform(),
        "load_average": round(os.getloadavg()[0], 2),
    }


def provenance():
    """The commit, the command and the versions that made a record."""
    lock = (ROOT / "Cargo.lock").read_text()
    burn = lock.partition('name = "burn"\nversion = "')[2].partition('"')[0]
    changed = text("git", "status", "--porcelain", "--untracked-files=no", "--", ".", ":!bench/records")
    return {
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "commit": text("git", "rev-parse", "HEAD"),
        "uncommitted_changes": bool(changed),
        "command": " ".join(["python3", os.path.relpath(sys.argv[0], ROOT), *sys.argv[1:]]),
        "versions": {
            "rustc": text("rustc", "--version"),
            "burn": burn,
            "python": platform.python_version(),
        },
    }


def build(package="ressac", profile="release"):
    """Builds a program of the workspace and returns its path, wherever Cargo keeps its target folder."""
    command = ["cargo", "build", "--locked", "--package", package, "--profile", profile]
    result = subprocess.run(
        [*command, "--message-format", "json-render-diagnostics"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    if result.returncode != 0:
        sys.exit(f"{package} does not build")
    messages = map(json.loads, result.stdout.splitlines())
    return next(
        message["executable"]
        for message in messages
        if message.get("executable") and message["target"]["name"] == package
    )


def ressac(program, *arguments):
    """Runs the command and returns its last line, which `--json` makes an object."""
    result = subprocess.run([program, *map(str, arguments)], stdout=subprocess.PIPE, text=True)
    if result.returncode != 0:
        sys.exit(f"ressac {' '.join(map(str, arguments))} ended with {result.returncode}")
    lines = result.stdout.strip().splitlines()
    return json.loads(lines[-1]) if lines else {}


def write_record(what, record, table):
    """Writes `bench/records/DATE-WHAT.json` and the same as a markdown table beside it."""
    folder = BENCH / "records"
    folder.mkdir(exist_ok=True)
    path = folder / f"{record['date'][:10]}-{what}.json"
    path.write_text(json.dumps(record, indent=1) + "\n")
    facts = record["machine"]
    about = (
        f"{facts['processor']}, {facts['cores']} cores, {facts['memory_gib']} GiB; load {facts['load_average']} at "
        f"the start. Commit {record['commit']}{', with uncommitted changes' if record['uncommitted_changes'] else ''}. "
        + ", ".join(f"{name} {version}" for name, version in record["versions"].items() if version)
        + f".\n\nMade by `{record['command']}`.\n"
    )
    path.with_suffix(".md").write_text(f"# {what}, {record['date'][:10]}\n\n{about}\n{table}")
    print(f"record: {path.relative_to(ROOT)}", file=sys.stderr)


if __name__ == "__main__":
    python_with_torch()
