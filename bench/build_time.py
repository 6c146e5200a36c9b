#!/usr/bin/env python3
"""How long a newcomer waits: the README's two commands from a fresh clone, with nothing but cargo, rustc and cc.

    python3 bench/build_time.py [--jobs 2] [--without-tests] [--no-record]

A clone of the last commit in a temporary folder, an empty CARGO_HOME, and a PATH that holds cargo, rustc, rustdoc (for
the examples in the documentation) and cc, which links; without `as` beside it, nothing can compile C. The downloads come first and are timed apart (`cargo fetch`); everything after runs
with `--offline`. Nothing is shared with the working tree's target folder.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from environment import ROOT, machine, provenance, text, write_record

HOST = re.search(r"host: (\S+)", text("rustc", "-vV") or "host: unknown").group(1)
# The README's commands, and the build of the first by itself, cold.
STEPS = [
    ("downloads", ["fetch", "--locked", "--target", HOST]),
    ("cold release build", ["build", "--release", "--locked", "--offline", "--timings"]),
    ("cargo run --release -- demo", ["run", "--release", "--offline", "--", "demo"]),
    ("cargo test --workspace", ["test", "--workspace", "--offline", "--timings"]),
]


def tools(folder):
    """A folder with cargo, rustc and cc: the toolchain's own programs, not rustup's stand-ins."""
    folder.mkdir()
    toolchain = Path(text("rustc", "--print", "sysroot")) / "bin"
    for name in ("cargo", "rustc", "rustdoc"):
        (folder / name).symlink_to(toolchain / name)
    found = shutil.which("cc")
    if found is None:
        sys.exit("cc is not on the PATH")
    (folder / "cc").symlink_to(os.path.realpath(found))
    return folder


def slowest(report, count=15):
    """The units of a `--timings` page that took longest: name and seconds."""
    found = re.search(r"const UNIT_DATA = (\[.*?\]);\n", report.read_text(), re.DOTALL)
    if found is None:
        return None
    units = [
        (f"{unit['name']} {unit['version']}{unit['target']}", round(unit["duration"], 1))
        for unit in json.loads(found.group(1))
    ]
    return sorted(units, key=lambda unit: -unit[1])[:count]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--jobs", type=int, default=2, help="default 2, a small machine")
    parser.add_argument("--without-tests", action="store_true", help="the first command alone")
    parser.add_argument("--no-record", action="store_true")
    options = parser.parse_args()
    record = {**provenance(), "machine": machine(), "jobs": options.jobs, "results": []}
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        clone = folder / "ressac"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        path = tools(folder / "bin")
        environment = {
            "PATH": str(path),
            "HOME": str(folder),
            "CARGO_HOME": str(folder / "cargo-home"),
            "CARGO_BUILD_JOBS": str(options.jobs),
        }
        for name in ("http_proxy", "https_proxy", "HTTPS_PROXY", "HTTP_PROXY", "SSL_CERT_FILE"):
            if name in os.environ:
                environment[name] = os.environ[name]
        settings = Path(os.environ.get("CARGO_HOME", Path.home() / ".cargo")) / "config.toml"
        if settings.is_file():
            # Where the machine reaches the registry by another way, a clean home needs that way too.
            (folder / "cargo-home").mkdir()
            shutil.copy(settings, folder / "cargo-home" / "config.toml")
        for name, arguments in STEPS[:3] if options.without_tests else STEPS:
            print(f"== {name}", file=sys.stderr, flush=True)
            start = time.perf_counter()
            code = subprocess.run([str(path / "cargo"), *arguments], cwd=clone, env=environment).returncode
            seconds = time.perf_counter() - start
            print(f"== {name}: {seconds:.0f} s, exit {code}", file=sys.stderr, flush=True)
            result = {"step": name, "seconds": round(seconds, 1), "exit": code}
            report = clone / "target" / "cargo-timings" / "cargo-timing.html"
            if "--timings" in arguments and report.is_file():
                result["slowest_units"] = slowest(report)
            record["results"].append(result)
            if code != 0:
                sys.exit(f"`{name}` failed")
    lines = ["| step | seconds |", "|---|---:|"]
    lines += [f"| {result['step']} | {result['seconds']:.0f} |" for result in record["results"]]
    table = "\n".join(lines) + "\n"
    print(table)
    if not options.no_record:
        write_record("build-time", record, table)


if __name__ == "__main__":
    main()
